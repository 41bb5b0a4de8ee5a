import type { Problem } from '@qianzhi/model';
import type { EachLimits, QueryLimits, QueryRows, QuerySpec } from '@qianzhi/plugin-api';
import type { SqliteConfig } from '../config.js';

/** To the child that asks: first what, then with which values, again and again. */
export type ToChild =
  | { readonly open: { readonly config: SqliteConfig; readonly spec: QuerySpec; readonly timeZone: string } }
  | { readonly run: { readonly values: readonly (string | null)[]; readonly limits: QueryLimits } }
  | {
      readonly runEach: {
        readonly sets: readonly (readonly (string | null)[])[];
        readonly limits: EachLimits;
      };
    };

/** One answer to each. */
export type FromChild =
  | { readonly ready: true }
  | { readonly rows: QueryRows }
  | { readonly each: readonly QueryRows[] }
  | { readonly problem: Problem };

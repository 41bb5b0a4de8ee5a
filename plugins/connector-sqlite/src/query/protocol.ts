import type { Problem } from '@qianzhi/model';
import type { QueryLimits, QueryRows, QuerySpec } from '@qianzhi/plugin-api';
import type { SqliteConfig } from '../config.js';

/** To the child that asks: first what, then with which values, again and again. */
export type ToChild =
  | { readonly open: { readonly config: SqliteConfig; readonly spec: QuerySpec; readonly timeZone: string } }
  | { readonly run: { readonly values: readonly (string | null)[]; readonly limits: QueryLimits } };

/** One answer to each. */
export type FromChild =
  | { readonly ready: true }
  | { readonly rows: QueryRows }
  | { readonly problem: Problem };

import type { Exchange } from '@qianzhi/model';
import type { ExchangeMode } from '@qianzhi/plugin-api';

export const modeGroups = ['describe', 'plan', 'missed', 'run'] as const;
export type ModeGroup = (typeof modeGroups)[number];

/** What a mode brings to be judged by the contract of modes. */
export interface ModeHarness {
  readonly name: string;
  readonly mode: ExchangeMode;
  /** An exchange of this mode with the given schedule; `supply` or `consume` as told. */
  exchange(options: ExchangeOptions): Exchange;
}

export interface ExchangeOptions {
  readonly name: string;
  readonly side: 'supply' | 'consume';
  /** Undefined: only by hand. Cron in Asia/Shanghai. */
  readonly schedule?: { readonly cron: string; readonly missed: 'run-once' | 'skip' };
}

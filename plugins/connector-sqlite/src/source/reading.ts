import type { PluginContext, SourceNotice } from '@qianzhi/plugin-api';
import type { SqliteConfig, SqliteSource } from '../config.js';
import type { Doing } from '../file/classify.js';
import type { SqliteDatabase } from '../file/open-file.js';
import type { Table } from '../file/table.js';
import type { Order } from './order.js';
import type { Projection } from './projection.js';

/** Everything a strategy needs of an opened source. */
export interface Reading {
  readonly db: SqliteDatabase;
  readonly config: SqliteConfig;
  readonly spec: SqliteSource;
  readonly strategy: string;
  /** Code of the resource that is supplied. */
  readonly resource: string;
  readonly table: Table;
  /** The table, quoted. */
  readonly from: string;
  readonly projection: Projection;
  readonly order: Order;
  readonly about: Doing;
  readonly busyTimeoutMs: number;
  readonly context: PluginContext;
  readonly notices: Map<string, SourceNotice>;
}

/** The spec's own condition, to be put behind another one. */
export function condition(reading: Reading): string {
  // the line break ends a comment inside the condition
  return reading.spec.where === undefined ? '' : ` AND (${reading.spec.where}\n)`;
}

export function note(
  reading: Reading,
  code: string,
  rows: number,
  details: Record<string, string | number>,
): void {
  if (rows > 0) reading.notices.set(code, { code, rows, details });
  else reading.notices.delete(code);
}

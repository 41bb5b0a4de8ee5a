import type { WalkedTable } from '@qianzhi/sql-kit';
import type { SqliteConfig, SqliteSource } from '../config.js';
import type { Doing } from '../file/classify.js';
import type { SqliteDatabase } from '../file/open-file.js';
import type { Table } from '../file/table.js';
import type { Order } from './order.js';
import type { Projection } from './projection.js';

/** Everything a strategy needs of an opened source. */
export interface Reading extends WalkedTable {
  readonly db: SqliteDatabase;
  readonly config: SqliteConfig;
  readonly spec: SqliteSource;
  readonly table: Table;
  /** The table, quoted. */
  readonly from: string;
  readonly projection: Projection;
  readonly order: Order;
  readonly about: Doing;
  readonly busyTimeoutMs: number;
}

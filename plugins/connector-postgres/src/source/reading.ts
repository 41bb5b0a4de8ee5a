import type { Alongside } from '@qianzhi/plugin-api';
import type { SessionPool, WalkedTable } from '@qianzhi/sql-kit';
import type { PostgresConfig, PostgresSource } from '../config.js';
import type { Doing } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import type { Table } from '../connection/table.js';
import type { Order } from './order.js';
import type { Projection } from './projection.js';

/** Everything a strategy needs of an opened source. */
export interface Reading extends WalkedTable {
  readonly sessions: SessionPool<Session>;
  readonly config: PostgresConfig;
  readonly spec: PostgresSource;
  readonly table: Table;
  /** The table, qualified and quoted. */
  readonly from: string;
  readonly projection: Projection;
  readonly order: Order | undefined;
  /** Where the order's values stand among the items; undefined where they must come as a prefix. */
  readonly orderFields: readonly number[] | undefined;
  /** The database checks and converts text; false for SQL_ASCII, where anything may come. */
  readonly checksText: boolean;
  readonly about: Doing;
  /** Who else follows the log of this database. */
  readonly alongside: Alongside | undefined;
}

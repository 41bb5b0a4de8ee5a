import type { Alongside } from '@qianzhi/plugin-api';
import type { SessionPool, WalkedTable } from '@qianzhi/sql-kit';
import type { MysqlConfig, MysqlSource } from '../config.js';
import type { Doing } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import type { Table } from '../connection/table.js';
import type { Order } from './order.js';
import type { Projection } from './projection.js';

/** Everything a strategy needs of an opened source. */
export interface Reading extends WalkedTable {
  /** Who else follows the log of this server. */
  readonly alongside: Alongside | undefined;
  readonly sessions: SessionPool<Session>;
  readonly config: MysqlConfig;
  readonly spec: MysqlSource;
  readonly table: Table;
  /** The table, qualified and quoted. */
  readonly from: string;
  readonly projection: Projection;
  readonly order: Order | undefined;
  /** Zone of wall-clock columns. */
  readonly zone: string;
  readonly about: Doing;
}

import type { SqlDialect } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import type { SqlTable } from '../database/table.js';
import type { SqlSource } from '../schemas.js';
import type { WalkedTable } from '../strategies/walked-table.js';
import type { Order } from './order.js';
import type { Projection } from './projection.js';

/** Everything a strategy needs of an opened source. */
export interface Reading extends WalkedTable {
  readonly dialect: SqlDialect;
  readonly spec: SqlSource;
  readonly table: SqlTable;
  /** Qualified and quoted. */
  readonly from: string;
  readonly projection: Projection;
  /** Undefined: the table is read in one piece. */
  readonly order: Order | undefined;
  /** Zone of wall-clock times. */
  readonly zone: string;
  readonly doing: string;
  /** The source's own session; opened again where it was lost. */
  session(signal: AbortSignal): Promise<SqlSession>;
}

import type { CatalogResource } from '@qianzhi/model';
import type { PluginContext, SourceNotice } from '@qianzhi/plugin-api';
import type { SqlDialect } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import type { SqlTable } from '../database/table.js';
import type { SqlSource } from '../schemas.js';
import type { Order } from './order.js';
import type { Projection } from './projection.js';

/** Everything a strategy needs of an opened source. */
export interface Reading {
  readonly dialect: SqlDialect;
  readonly spec: SqlSource;
  readonly strategy: string;
  readonly resource: CatalogResource;
  readonly table: SqlTable;
  /** Qualified and quoted. */
  readonly from: string;
  readonly projection: Projection;
  /** Undefined: the table is read in one piece. */
  readonly order: Order | undefined;
  /** Zone of wall-clock times. */
  readonly zone: string;
  readonly doing: string;
  readonly context: PluginContext;
  readonly notices: Map<string, SourceNotice>;
  /** The source's own session; opened again where it was lost. */
  session(signal: AbortSignal): Promise<SqlSession>;
}

/** The spec's own condition, to be put behind another one. Its columns may be named as they are. */
export function condition({ spec }: Pick<Reading, 'spec'>): string {
  // the line break ends a comment inside the condition
  return spec.where === undefined ? '' : ` AND (${spec.where}\n)`;
}

export function note(
  { notices }: Reading,
  code: string,
  rows: number,
  details: Record<string, string | number>,
): void {
  if (rows > 0) notices.set(code, { code, rows, details });
  else notices.delete(code);
}

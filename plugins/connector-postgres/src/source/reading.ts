import type { PluginContext, SourceNotice } from '@qianzhi/plugin-api';
import type { SessionPool } from '@qianzhi/sql-kit';
import type { PostgresConfig, PostgresSource } from '../config.js';
import type { Doing } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import type { Table } from '../connection/table.js';
import type { Order } from './order.js';
import type { Projection } from './projection.js';

/** Everything a strategy needs of an opened source. */
export interface Reading {
  readonly sessions: SessionPool<Session>;
  readonly config: PostgresConfig;
  readonly spec: PostgresSource;
  readonly strategy: string;
  /** Code of the resource that is supplied. */
  readonly resource: string;
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
  readonly context: PluginContext;
  readonly notices: Map<string, SourceNotice>;
}

/** The spec's own condition, to be put behind another one. */
export function condition(spec: PostgresSource): string {
  // the line break ends a comment inside the condition
  return spec.where === undefined ? '' : ` AND (${spec.where}\n)`;
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

/** Runs work on a session of the source; one that is still good is kept for the next time. */
export async function withSession<T>(
  reading: Reading,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await reading.sessions.take(signal);
  try {
    return await work(session);
  } finally {
    await reading.sessions.give(session);
  }
}

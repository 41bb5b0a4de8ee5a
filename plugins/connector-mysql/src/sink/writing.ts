import type { PluginContext, WriteMode } from '@qianzhi/plugin-api';
import type { MysqlConfig, MysqlTarget } from '../config.js';
import type { Doing } from '../connection/classify.js';
import type { QueryResult, Session } from '../connection/session.js';

/** Everything a write needs of an opened sink. */
export interface Writing {
  readonly config: MysqlConfig;
  readonly spec: MysqlTarget;
  /** Of the target, and of our own tables beside it. */
  readonly database: string;
  /** Zone of wall-clock times. */
  readonly zone: string;
  readonly mode: WriteMode | undefined;
  readonly exchange: string;
  /** Suppliers whose grants have ended. */
  readonly ended: readonly string[];
  readonly about: Doing;
  readonly context: PluginContext;
}

/** A session under a signal. */
export interface Work {
  readonly session: Session;
  readonly signal: AbortSignal;
  run(sql: string): Promise<QueryResult>;
}

export function workOn(session: Session, signal: AbortSignal): Work {
  return { session, signal, run: (sql) => session.query(sql, signal) };
}

/** Runs work in a transaction, rolled back on any error. DDL inside would commit it. */
export async function inTransaction<T>(work: Work, body: () => Promise<T>): Promise<T> {
  await work.run('START TRANSACTION');
  try {
    const answer = await body();
    await work.run('COMMIT');
    return answer;
  } catch (error) {
    if (work.session.alive) await rollBack(work.session);
    throw error;
  }
}

const ROLLBACK_MS = 10_000;

async function rollBack(session: Session): Promise<void> {
  try {
    await session.query('ROLLBACK', AbortSignal.timeout(ROLLBACK_MS));
  } catch {
    // the server rolls back what a lost session had open
    session.abandon();
  }
}

import type { PluginContext, WriteMode } from '@qianzhi/plugin-api';
import type { PostgresConfig, PostgresTarget } from '../config.js';
import type { Doing } from '../connection/classify.js';
import type { QueryResult, Session, TextRow } from '../connection/session.js';

/** Everything a write needs of an opened sink. */
export interface Writing {
  readonly config: PostgresConfig;
  readonly spec: PostgresTarget;
  /** Of the target, and of our own tables beside it. */
  readonly schema: string;
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
  run(sql: string, values?: readonly unknown[]): Promise<QueryResult>;
}

/** An open transaction of the exchange. */
export interface Transaction extends Work {
  /** What was looked at when it began. */
  readonly found: TextRow;
  /** A statement that goes with the COMMIT. */
  last(sql: string): void;
}

export function workOn(session: Session, signal: AbortSignal): Work {
  return { session, signal, run: (sql, values = []) => session.query(sql, values, signal) };
}

import type { PluginContext, WriteMode } from '@qianzhi/plugin-api';
import type { SqliteConfig, SqliteTarget } from '../config.js';
import type { Doing } from '../file/classify.js';
import type { SqliteDatabase } from '../file/open-file.js';
import type { Ledger } from './ledger.js';

/** Everything a write needs of an opened sink. */
export interface Writing {
  readonly db: SqliteDatabase;
  readonly config: SqliteConfig;
  readonly spec: SqliteTarget;
  readonly mode: WriteMode | undefined;
  readonly exchange: string;
  /** Suppliers whose grants have ended. */
  readonly ended: readonly string[];
  readonly about: Doing;
  readonly context: PluginContext;
  readonly ledger: Ledger;
  /** Rows that SQLite updated since the file was opened. */
  readonly updates: { count: number };
}

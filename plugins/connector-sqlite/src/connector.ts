import { checkShape } from '@qianzhi/model';
import type { Connection, Connector, PluginContext } from '@qianzhi/plugin-api';
import { sqliteCapture } from './capture/capture.js';
import { checkFile } from './check.js';
import { ConfigSchema, SourceSchema, type SqliteConfig, TargetSchema } from './config.js';
import { discoverTables } from './discover.js';
import { sqliteErrors } from './errors.js';
import { exchangeDbOf } from './exchange-db.js';
import { classify, type Doing } from './file/classify.js';
import { databasePath, inspectFile, openForReading, type SqliteDatabase } from './file/open-file.js';
import { throwIfAborted } from './file/pace.js';
import { openQuery } from './query/query.js';
import { readBack } from './read-back.js';
import { openSink } from './sink/sink.js';
import { tryTarget } from './sink/try-target.js';
import { openSource } from './source/source.js';

/** SQLite files as sources and targets. Each source and sink has a database connection of its own. */
export const sqliteConnector: Connector = {
  kind: 'connector',
  configSchema: ConfigSchema,
  sourceSchema: SourceSchema,
  targetSchema: TargetSchema,
  capabilities: {
    read: ['snapshot', 'watermark', 'flag', 'change-table'],
    seesDeletes: ['change-table'],
    snapshotConsistency: 'chunk',
    write: ['merge', 'swap'],
    atomicity: 'ledger',
    transactionalDdl: true,
    emptyStringIsNotNull: true,
    files: false,
    query: true,
  },
  async open(input, context, signal) {
    throwIfAborted('open', signal);
    const config = checkShape(ConfigSchema, structuredClone(input), 'config');
    if (config.readOnly && config.create)
      throw sqliteErrors.OPTIONS_CONTRADICT({
        problem: { zh: 'readOnly 与 create 不能同用', en: '`readOnly` and `create` exclude each other' },
      });
    inspectFile(config);
    return connectionOf(config, context);
  },
};

function connectionOf(config: SqliteConfig, context: PluginContext): Connection {
  return {
    async check(signal) {
      if (inspectFile(config) === 'absent') return checkFile(undefined, config);
      return reading(config, 'check', signal, (db) => checkFile(db, config));
    },
    async discover(filter, signal) {
      if (inspectFile(config) === 'absent') return [];
      return reading(config, 'discover', signal, (db) => discoverTables(db, filter));
    },
    source: (spec, signal) => openSource(config, spec, context, signal),
    sink: (spec, signal) => openSink(config, spec, context, signal),
    readBack: (spec, signal) => readBack(config, spec, context, signal),
    exchangeDb: exchangeDbOf(config),
    query: (spec, signal) => openQuery(config, spec, context, signal),
    tryTarget: (spec, signal) => tryTarget(config, spec, signal),
    capture: sqliteCapture(config, context),
    async [Symbol.asyncDispose]() {},
  };
}

async function reading<T>(
  config: SqliteConfig,
  doing: string,
  signal: AbortSignal,
  look: (db: SqliteDatabase) => T,
): Promise<T> {
  const about: Doing = { doing, path: databasePath(config) };
  const db = await openForReading(config, signal);
  try {
    return look(db);
  } catch (error) {
    throw classify(error, about);
  } finally {
    db.close();
  }
}

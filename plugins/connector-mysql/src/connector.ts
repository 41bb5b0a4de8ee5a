import { checkShape } from '@qianzhi/model';
import type { Connection, Connector, PluginContext } from '@qianzhi/plugin-api';
import { mysqlCapture } from './capture/capture.js';
import { checkServer } from './check.js';
import { ConfigSchema, type MysqlConfig, SourceSchema, TargetSchema } from './config.js';
import { type Doing, throwIfAborted } from './connection/classify.js';
import { openSession, type Session } from './connection/session.js';
import { discoverTables } from './discover.js';
import { exchangeDbOf } from './exchange-db.js';
import { openQuery } from './query/query.js';
import { readBack } from './read-back.js';
import { openSink } from './sink/sink.js';
import { tryTarget } from './sink/try-target.js';
import { openSource } from './source/source.js';

/** MySQL 5.7 and later, MariaDB, TiDB and OceanBase in MySQL mode, as source and target. Each source and sink has sessions of its own. */
export const mysqlConnector: Connector = {
  kind: 'connector',
  configSchema: ConfigSchema,
  sourceSchema: SourceSchema,
  targetSchema: TargetSchema,
  capabilities: {
    read: ['snapshot', 'watermark', 'flag', 'change-table', 'log'],
    seesDeletes: ['change-table', 'log'],
    snapshotConsistency: 'chunk',
    write: ['merge', 'swap'],
    atomicity: 'ledger',
    transactionalDdl: false,
    emptyStringIsNotNull: true,
    files: false,
    query: true,
  },
  async open(input, context, signal) {
    throwIfAborted('open', signal);
    return connectionOf(checkShape(ConfigSchema, structuredClone(input), 'config'), context);
  },
};

function connectionOf(config: MysqlConfig, context: PluginContext): Connection {
  return {
    check: (signal) =>
      looking({ doing: 'check', config }, signal, (session) => checkServer(session, context, signal)),
    discover: (filter, signal) =>
      looking({ doing: 'discover', config }, signal, (session) => discoverTables(session, filter, signal)),
    source: (spec, signal) => openSource(config, spec, context, signal),
    sink: (spec, signal) => openSink(config, spec, context, signal),
    readBack: (spec, signal) => readBack(config, spec, context, signal),
    exchangeDb: exchangeDbOf(config),
    query: (spec, signal) => openQuery(config, spec, context, signal),
    tryTarget: (spec, signal) => tryTarget(config, spec, context, signal),
    capture: mysqlCapture(config, context),
    async [Symbol.asyncDispose]() {},
  };
}

async function looking<T>(
  about: Doing,
  signal: AbortSignal,
  look: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(about, 'read', signal);
  try {
    return await look(session);
  } finally {
    await session.close();
  }
}

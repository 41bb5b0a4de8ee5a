import { checkShape } from '@qianzhi/model';
import type { Connection, Connector, PluginContext } from '@qianzhi/plugin-api';
import { postgresCapture } from './capture/capture.js';
import { checkServer } from './check.js';
import { configSchemaOf, type PostgresConfig, SourceSchema, TargetSchema } from './config.js';
import { type Doing, throwIfAborted } from './connection/classify.js';
import { featuresOf } from './connection/features.js';
import { openSession, type Session } from './connection/session.js';
import { discoverTables } from './discover.js';
import { exchangeDbOf } from './exchange-db.js';
import { type Flavour, postgres } from './flavour.js';
import { endLog } from './log/end-log.js';
import { openQuery } from './query/query.js';
import { readBack } from './read-back.js';
import { openSink } from './sink/sink.js';
import { tryTarget } from './sink/try-target.js';
import { openSource } from './source/source.js';

/** A database of a flavour as source and target. Each source and sink has sessions of its own. */
export function connectorOf(flavour: Flavour): Connector {
  const configSchema = configSchemaOf(flavour);
  return {
    kind: 'connector',
    configSchema,
    sourceSchema: SourceSchema,
    targetSchema: TargetSchema,
    capabilities: {
      read: ['snapshot', 'watermark', 'flag', 'change-table', ...(flavour.log ? (['log'] as const) : [])],
      seesDeletes: ['change-table', ...(flavour.log ? (['log'] as const) : [])],
      snapshotConsistency: 'chunk',
      write: featuresOf(flavour.kernel ?? flavour.oldest).swap ? ['merge', 'swap'] : ['merge'],
      atomicity: 'ledger',
      transactionalDdl: true,
      emptyStringIsNotNull: true,
      files: false,
      query: true,
    },
    async open(input, context, signal) {
      throwIfAborted('open', signal);
      const config = checkShape(configSchema, structuredClone(input), 'config');
      return connectionOf({ ...config, flavour }, context);
    },
  };
}

/** PostgreSQL 9.6 and later. */
export const postgresConnector: Connector = connectorOf(postgres);

function connectionOf(config: PostgresConfig, context: PluginContext): Connection {
  return {
    check: (signal, followers) =>
      looking({ doing: 'check', config }, signal, (session) => checkServer(session, followers, signal)),
    discover: (filter, signal) =>
      looking({ doing: 'discover', config }, signal, (session) => discoverTables(session, filter, signal)),
    source: (spec, signal) => openSource(config, spec, context, signal),
    endLog: (former, now, signal) => endLog(config, former, now, signal),
    sink: (spec, signal) => openSink(config, spec, context, signal),
    readBack: (spec, signal) => readBack(config, spec, context, signal),
    exchangeDb: exchangeDbOf(config),
    query: (spec, signal) => openQuery(config, spec, context, signal),
    tryTarget: (spec, signal) => tryTarget(config, spec, context, signal),
    capture: postgresCapture(config, context),
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

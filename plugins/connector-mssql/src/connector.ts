import { checkShape } from '@qianzhi/model';
import type { Connector } from '@qianzhi/plugin-api';
import {
  openSqlConnection,
  type SqlOrigin,
  SqlSourceSchema,
  SqlTargetSchema,
  throwIfAborted,
} from '@qianzhi/sql-kit';
import { checkServer } from './check.js';
import { ConfigSchema, serverName } from './config.js';
import { mssqlDialect } from './dialect.js';
import { type MakeConnection, makeConnection } from './driver/open-connection.js';
import { openSession } from './driver/session.js';
import { trackingReader } from './log/reader.js';

/** SQL Server as source and target, on whatever connection of the driver is made. Each source and sink has a session of its own. */
export function connectorOver(make: MakeConnection): Connector {
  return {
    kind: 'connector',
    configSchema: ConfigSchema,
    sourceSchema: SqlSourceSchema,
    targetSchema: SqlTargetSchema,
    capabilities: {
      read: ['snapshot', 'watermark', 'flag', 'change-table', 'log'],
      seesDeletes: ['change-table', 'log'],
      // only a database that allows SNAPSHOT isolation gives a chunk one point in time
      snapshotConsistency: 'none',
      write: ['merge'],
      atomicity: 'ledger',
      transactionalDdl: true,
      emptyStringIsNotNull: true,
      files: false,
      query: true,
    },
    async open(input, context, opening) {
      throwIfAborted('open', opening);
      const config = checkShape(ConfigSchema, structuredClone(input), 'config');
      const connect = (kind: 'read' | 'write', doing: string, signal: AbortSignal) =>
        openSession(make, config, kind, doing, signal);
      const { schema, readOnly } = config;
      const origin = { dialect: mssqlDialect, schema, readOnly, server: serverName(config), connect };
      const check: SqlOrigin['check'] = (session, signal) => checkServer(session, config, signal);
      return openSqlConnection({ ...origin, check, log: trackingReader }, context);
    },
  };
}

export const mssqlConnector: Connector = connectorOver(makeConnection);

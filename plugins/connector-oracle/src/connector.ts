import { checkShape } from '@qianzhi/model';
import type { Connector } from '@qianzhi/plugin-api';
import {
  openSqlConnection,
  type SqlOrigin,
  SqlSourceSchema,
  SqlTargetSchema,
  throwIfAborted,
  upperCaseName,
} from '@qianzhi/sql-kit';
import { checkServer } from './check.js';
import { ConfigSchema, serverName } from './config.js';
import { oracleDialect } from './dialect.js';
import { type MakeConnection, makeConnection } from './driver/open-connection.js';
import { openSession } from './driver/session.js';
import { oracleErrors } from './errors.js';

/** Oracle as source and target, on whatever connection of the driver is made. Each source and sink has a session of its own. */
export function connectorOver(make: MakeConnection): Connector {
  return {
    kind: 'connector',
    configSchema: ConfigSchema,
    sourceSchema: SqlSourceSchema,
    targetSchema: SqlTargetSchema,
    capabilities: {
      read: ['snapshot', 'watermark', 'flag', 'change-table'],
      seesDeletes: ['change-table'],
      // each statement reads one moment
      snapshotConsistency: 'chunk',
      write: ['merge'],
      atomicity: 'ledger',
      transactionalDdl: false,
      emptyStringIsNotNull: false,
      files: false,
      query: true,
    },
    async open(input, context, opening) {
      throwIfAborted('open', opening);
      const config = checkShape(ConfigSchema, structuredClone(input), 'config');
      if ((config.service === undefined) === (config.sid === undefined)) throw oracleErrors.SERVICE_OR_SID();
      const connect = (_kind: 'read' | 'write', doing: string, signal: AbortSignal) =>
        openSession(make, config, doing, signal);
      const dialect = oracleDialect({ lockSeconds: Math.ceil(config.lockTimeoutMs / 1000) });
      const schema = config.schema === undefined ? undefined : upperCaseName(config.schema);
      const { readOnly } = config;
      const origin = { dialect, schema, readOnly, server: serverName(config), connect };
      const check: SqlOrigin['check'] = (session, signal) => checkServer(session, config, signal);
      return openSqlConnection({ ...origin, check }, context);
    },
  };
}

export const oracleConnector: Connector = connectorOver(makeConnection);

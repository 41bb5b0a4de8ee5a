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
import { damengDialect } from './dialect.js';
import { type LoadDriver, loadDriver } from './driver/driver.js';
import { openSession } from './driver/session.js';

/** Dameng as source and target, over whatever driver is loaded. Each source and sink has a session of its own. */
export function connectorOver(load: LoadDriver): Connector {
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
      // a target where it is not so has to be accepted by `emptyAsNull`
      emptyStringIsNotNull: true,
      files: false,
      query: true,
    },
    async open(input, context, opening) {
      throwIfAborted('open', opening);
      const config = checkShape(ConfigSchema, structuredClone(input), 'config');
      const driver = await load();
      const dialect = damengDialect({ lockSeconds: Math.ceil(config.lockTimeoutMs / 1000) });
      const schema = config.schema === undefined ? undefined : upperCaseName(config.schema);
      const { readOnly, emptyAsNull } = config;
      const connect: SqlOrigin['connect'] = (kind, doing, signal) =>
        openSession(driver, { ...config, ...(schema !== undefined && { schema }) }, kind, doing, signal);
      const check: SqlOrigin['check'] = (session, signal) => checkServer(session, config, signal);
      const server = serverName(config);
      return openSqlConnection(
        { dialect, schema, readOnly, emptyIsNull: emptyAsNull, server, connect, check },
        context,
      );
    },
  };
}

export const damengConnector: Connector = connectorOver(loadDriver);

import { checkShape } from '@qianzhi/model';
import type { ExchangeDb } from '@qianzhi/plugin-api';
import { type ExchangeDbDialect, exchangeTables, grantOn } from '@qianzhi/sql-kit';
import { type MysqlConfig, TargetSchema } from './config.js';
import { serverName } from './connection/classify.js';
import { openSession } from './connection/session.js';
import { mysqlErrors } from './errors.js';
import { literal, qualified, quoted } from './identifier.js';
import { createTableSql, TABLE_OPTIONS, typeFor } from './sink/create-table.js';

const actions = [
  ['i', 'INSERT'],
  ['u', 'UPDATE'],
  ['d', 'DELETE'],
] as const;

function dialectOf(database: string): ExchangeDbDialect {
  return {
    nameBytes: 64,
    quoted,
    qualified: (name) => qualified(database, name),
    indexName: quoted,
    literal,
    typeOf: typeFor,
    serial: 'bigint NOT NULL AUTO_INCREMENT PRIMARY KEY',
    time: 'datetime(6) DEFAULT CURRENT_TIMESTAMP(6) NOT NULL',
    text: (length) => `varchar(${length})`,
    status: 'smallint',
    columnLine: ({ name, type, comment }) =>
      `${quoted(name)} ${type} COMMENT ${literal(comment.slice(0, 1024))}`,
    tableEnd: (comment) => ` ${TABLE_OPTIONS} COMMENT=${literal(comment)}`,
    comments: () => [],
    keyHash: (columns) => `MD5(CONCAT_WS('|', ${columns.join(', ')}))`,
    stateTable: (name, resource) => [
      createTableSql(
        qualified(database, name),
        checkShape(TargetSchema, { table: name }, 'target'),
        resource,
      ),
    ],
    grants: (table, use) => [grantOn(qualified(database, table), use)],
    triggers: (name, state, rows) =>
      actions.map(
        ([suffix, event]) =>
          `CREATE TRIGGER ${qualified(database, `${name}_${suffix}`)} AFTER ${event} ON ${qualified(database, state)} FOR EACH ROW ${rows[event]}`,
      ),
  };
}

/** In the database of the connector's config. Each statement commits by itself. */
export function exchangeDbOf(config: MysqlConfig): ExchangeDb {
  return {
    plan: (spec) => exchangeTables(dialectOf(config.database), spec),
    async create(statements, signal) {
      if (config.readOnly) throw mysqlErrors.TARGET_READ_ONLY({ server: serverName(config) });
      const session = await openSession({ doing: 'create exchange tables', config }, 'write', signal);
      try {
        for (const sql of statements) await session.query(sql, signal);
      } finally {
        await session.close();
      }
    },
  };
}

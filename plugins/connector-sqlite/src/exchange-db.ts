import { checkShape } from '@qianzhi/model';
import type { ExchangeDb } from '@qianzhi/plugin-api';
import { type ExchangeDbDialect, exchangeTables } from '@qianzhi/sql-kit';
import { type SqliteConfig, TargetSchema } from './config.js';
import { classify } from './file/classify.js';
import { databasePath, openForWriting } from './file/open-file.js';
import { quoted } from './identifier.js';
import { comment, createTableSql, declaredType } from './sink/target-table.js';

const actions = [
  ['i', 'INSERT'],
  ['u', 'UPDATE'],
  ['d', 'DELETE'],
] as const;

const dialect: ExchangeDbDialect = {
  nameBytes: 128,
  quoted,
  qualified: quoted,
  indexName: quoted,
  literal: (text) => `'${text.replaceAll("'", "''")}'`,
  typeOf: declaredType,
  // without AUTOINCREMENT the serial of a deleted row could come again
  serial: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  time: `DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now', 'localtime')) NOT NULL`,
  text: (length) => `VARCHAR(${length})`,
  status: 'INTEGER',
  columnLine: ({ name, type, comment: text }) => `/* ${comment(text)} */ ${quoted(name)} ${type}`,
  tableEnd: (text) => ` /* ${comment(text)} */`,
  comments: () => [],
  keyHash: () => 'NULL',
  stateTable: (name, resource) => [
    createTableSql(checkShape(TargetSchema, { table: name }, 'target'), resource),
  ],
  grants: () => [],
  triggers: (name, state, rows) =>
    actions.map(
      ([suffix, event]) =>
        `CREATE TRIGGER ${quoted(`${name}_${suffix}`)} AFTER ${event} ON ${quoted(state)} BEGIN\n  ${rows[event]};\nEND`,
    ),
};

/** In the connector's file; made in one transaction. */
export function exchangeDbOf(config: SqliteConfig): ExchangeDb {
  return {
    plan: (spec) => exchangeTables(dialect, spec),
    async create(statements, signal) {
      const db = await openForWriting(config, signal);
      try {
        db.transaction(() => {
          for (const sql of statements) db.exec(sql);
        }).immediate();
      } catch (error) {
        throw classify(error, { doing: 'create exchange tables', path: databasePath(config) });
      } finally {
        db.close();
      }
    },
  };
}

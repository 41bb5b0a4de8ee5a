import { checkShape } from '@qianzhi/model';
import type { ExchangeDb } from '@qianzhi/plugin-api';
import { type ExchangeDbDialect, exchangeTables, grantOn } from '@qianzhi/sql-kit';
import { type PostgresConfig, TargetSchema } from './config.js';
import { serverName } from './connection/classify.js';
import { openSession } from './connection/session.js';
import { postgresErrors } from './errors.js';
import { dollarQuoted, literal, qualified, quoted } from './identifier.js';
import { columnType, createTableSql } from './sink/create-table.js';

function dialectOf(schema: string): ExchangeDbDialect {
  return {
    nameBytes: 63,
    quoted,
    qualified: (name) => qualified(schema, name),
    indexName: quoted,
    literal,
    typeOf: columnType,
    serial: 'bigserial PRIMARY KEY',
    time: 'timestamp DEFAULT now() NOT NULL',
    text: (length) => `varchar(${length})`,
    status: 'smallint',
    columnLine: ({ name, type }) => `${quoted(name)} ${type}`,
    tableEnd: () => '',
    comments: (table, comment, columns) => [
      `COMMENT ON TABLE ${table} IS ${literal(comment)}`,
      ...columns.map(
        (column) => `COMMENT ON COLUMN ${table}.${quoted(column.name)} IS ${literal(column.comment)}`,
      ),
    ],
    keyHash: (columns) => `md5(concat_ws('|', ${columns.join(', ')}))`,
    stateTable: (name, resource) =>
      createTableSql(qualified(schema, name), checkShape(TargetSchema, { table: name }, 'target'), resource),
    grants(table, use) {
      const serials = [`GRANT USAGE ON SEQUENCE ${qualified(schema, serialOf(table))}`];
      return [grantOn(qualified(schema, table), use), ...(use === 'write' ? serials : [])];
    },
    triggers(name, state, rows) {
      const log = qualified(schema, `${name}_log`);
      const cases = Object.entries(rows).map(([event, sql]) => `WHEN '${event}' THEN ${sql};`);
      const code = `\nBEGIN\n  CASE TG_OP\n    ${cases.join('\n    ')}\n  END CASE;\n  RETURN NULL;\nEND\n`;
      return [
        `CREATE FUNCTION ${log}() RETURNS trigger LANGUAGE plpgsql AS ${dollarQuoted(code)}`,
        // PROCEDURE is understood by every version
        `CREATE TRIGGER ${quoted(`${name}_log`)} AFTER INSERT OR UPDATE OR DELETE ON ${qualified(schema, state)} FOR EACH ROW EXECUTE PROCEDURE ${log}()`,
      ];
    },
  };
}

/** The sequence of a `bigserial`: PostgreSQL cuts the table's part so that the whole has 63 bytes. */
function serialOf(table: string): string {
  return `${table.slice(0, 63 - '_qz_serial_seq'.length)}_qz_serial_seq`;
}

/** In the schema of the connector's config; made in one transaction. */
export function exchangeDbOf(config: PostgresConfig): ExchangeDb {
  return {
    plan: (spec) => exchangeTables(dialectOf(config.schema), spec),
    async create(statements, signal) {
      if (config.readOnly) throw postgresErrors.TARGET_READ_ONLY({ server: serverName(config) });
      const session = await openSession({ doing: 'create exchange tables', config }, 'write', signal);
      try {
        await session.query('BEGIN', [], signal);
        for (const sql of statements) await session.query(sql, [], signal);
        await session.query('COMMIT', [], signal);
      } finally {
        // closing the session rolls back what is not committed
        await session.close();
      }
    },
  };
}

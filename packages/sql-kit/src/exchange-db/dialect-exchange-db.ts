import { checkShape } from '@qianzhi/model';
import type { ExchangeDb } from '@qianzhi/plugin-api';
import { qualified, type SqlDialect } from '../database/dialect.js';
import { targetErrors } from '../errors/target-errors.js';
import { SqlTargetSchema } from '../schemas.js';
import { createTableSql } from '../writing/target.js';
import type { SqlSinkOrigin } from '../writing/wanted.js';
import type { ExchangeDbDialect, LoggedChange } from './dialect.js';
import { grantOn } from './grant-on.js';
import { exchangeTables } from './tables.js';

/** What a dialect brings to make the tables of a 前置库; all else follows from its other texts. */
export interface SqlExchangeTables
  extends Pick<ExchangeDbDialect, 'serial' | 'time' | 'status' | 'literal' | 'text' | 'keyHash'> {
  /** Ends a statement when a client of the database runs the plan, on a line of its own. */
  readonly terminator: string;
  /** An index is named with its schema. */
  readonly indexInSchema: boolean;
  /** Comments a table, or one of its columns. */
  comment(schema: string | undefined, table: string, column: string | undefined, text: string): string;
  /** What stands behind the name of a trigger of `table` that adds each row of an event to the in-table. */
  trigger(event: 'INSERT' | 'UPDATE' | 'DELETE', table: string, change: LoggedChange): string;
}

const events = { i: 'INSERT', u: 'UPDATE', d: 'DELETE' } as const;

/** Undefined where the dialect makes none. Made in one transaction, where DDL is part of one. */
export function dialectExchangeDb(origin: SqlSinkOrigin): ExchangeDb | undefined {
  const { dialect, schema, readOnly, server } = origin;
  const texts = dialect.exchangeTables;
  if (!texts) return undefined;
  const own = exchangeDialect(dialect, texts, schema);
  return {
    plan: (spec) => ({ ...exchangeTables(own, spec), terminator: texts.terminator }),
    async create(statements, signal) {
      if (readOnly) throw targetErrors.TARGET_READ_ONLY({ server });
      await using session = await origin.connect('write', 'create exchange tables', signal);
      await session.begin('write', signal);
      try {
        for (const sql of statements) await session.query(sql, [], signal);
        await session.commit(signal);
      } catch (error) {
        await session.rollback();
        throw error;
      }
    },
  };
}

function exchangeDialect(
  dialect: SqlDialect,
  texts: SqlExchangeTables,
  schema: string | undefined,
): ExchangeDbDialect {
  const { newName } = dialect;
  const named = (name: string) => qualified(dialect, schema, newName(name));
  return {
    ...texts,
    nameBytes: dialect.nameBytes,
    quoted: (name) => dialect.quoted(newName(name)),
    qualified: named,
    indexName: texts.indexInSchema ? named : (name) => dialect.quoted(newName(name)),
    typeOf: dialect.typeFor,
    columnLine: ({ name, type }) => `${dialect.quoted(newName(name))} ${type}`,
    tableEnd: () => '',
    comments: (_table, comment, columns, name) => [
      texts.comment(schema, newName(name), undefined, comment),
      ...columns.map((column) => texts.comment(schema, newName(name), newName(column.name), column.comment)),
    ],
    grants: (table, use) => [grantOn(named(table), use, dialect.quoted(newName('qz_status')))],
    stateTable: (name, resource) => [
      createTableSql(dialect, named(name), checkShape(SqlTargetSchema, { table: name }, 'target'), resource),
    ],
    triggers: (name, state, _rows, logged) =>
      Object.entries(events).map(
        ([suffix, event]) =>
          `CREATE TRIGGER ${named(`${name}_${suffix}`)} ${texts.trigger(event, named(state), logged[event])}`,
      ),
  };
}

import { doubleQuoted } from '../database/upper-case-names.js';
import type { SqlExchangeTables } from './dialect-exchange-db.js';

/** What databases with comments and row triggers of PL/SQL have in common. */
export const rowTriggerTables = {
  terminator: '/',
  indexInSchema: true,
  literal,
  comment(schema, table, column, text) {
    const place = [
      ...(schema === undefined ? [] : [schema]),
      table,
      ...(column === undefined ? [] : [column]),
    ];
    const kind = column === undefined ? 'TABLE' : 'COLUMN';
    return `COMMENT ON ${kind} ${place.map(doubleQuoted).join('.')} IS ${literal(text)}`;
  },
  trigger: (event, table, { into, values }) => `AFTER ${event} ON ${table} FOR EACH ROW
BEGIN
  ${into} VALUES (${values(event === 'DELETE' ? ':OLD' : ':NEW')});
END;`,
} as const satisfies Partial<SqlExchangeTables>;

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

import type { DiscoverFilter } from '@qianzhi/plugin-api';
import { isOwnName } from '../own-name.js';
import type { SqlCell, SqlRow, SqlSession } from './session.js';
import type { SqlColumn, SqlTable } from './table.js';
import { namesOf } from './upper-case-names.js';

/**
 * Questions to a data dictionary with views like ALL_OBJECTS. Each takes the owner and the table at places 1 and 2, both of which
 * may be NULL: the session's own schema, all of its tables.
 */
export interface DataDictionary {
  /** Rows of name, type (`TABLE`, or a view of whatever kind), owner, estimate of rows, comment; a name that comes twice counts once. */
  readonly objects: string;
  /** Rows of table, then what `columnOf` takes, in column order. */
  readonly columns: string;
  /** Rows of table, constraint, `P` or `U`, column, in key order. */
  readonly keys: string;
  /** Rows of table, index, `UNIQUE` or not, column, in key order. */
  readonly indexes: string;
  columnOf(row: SqlRow): SqlColumn;
}

/** `describe` and `discover` of a dialect over a data dictionary. */
export function dictionaryReader(dictionary: DataDictionary) {
  /** Exactly so named, else as it would be written without quotes; undefined where this user sees none. */
  async function describe(
    session: SqlSession,
    schema: string | undefined,
    table: string,
    signal: AbortSignal,
  ): Promise<SqlTable | undefined> {
    for (const owner of ownersOf(schema)) {
      for (const name of namesOf(table)) {
        const [found] = await readTables(dictionary, session, owner, name, signal);
        if (found) return found;
      }
    }
    return undefined;
  }

  /** All tables and views of a schema by name; our own are left out. */
  async function discover(
    session: SqlSession,
    { schema, table }: DiscoverFilter,
    signal: AbortSignal,
  ): Promise<readonly SqlTable[]> {
    if (table !== undefined) {
      const found = await describe(session, schema, table, signal);
      return found && !isOwnName(found.name) ? [found] : [];
    }
    for (const owner of ownersOf(schema)) {
      const found = await readTables(dictionary, session, owner, null, signal);
      if (found.length > 0) return found.filter(({ name }) => !isOwnName(name));
    }
    return [];
  }

  return { describe, discover };
}

function ownersOf(schema: string | undefined): (string | null)[] {
  return schema === undefined ? [null] : namesOf(schema);
}

async function readTables(
  dictionary: DataDictionary,
  session: SqlSession,
  owner: string | null,
  table: string | null,
  signal: AbortSignal,
): Promise<SqlTable[]> {
  const read = async (sql: string) => (await session.query(sql, [owner, table], signal)).rows;
  const objects = await read(dictionary.objects);
  if (objects.length === 0) return [];
  const columns = byTable(await read(dictionary.columns));
  const keys = byTable(await read(dictionary.keys));
  const indexes = byTable(await read(dictionary.indexes));
  const first = objects.filter(([name], at) => at === 0 || objects[at - 1]![0] !== name);
  return first.map(([name, type, schema, rows, comment]): SqlTable => {
    const constraints = grouped(keys(name));
    return {
      schema: String(schema),
      name: String(name),
      kind: type === 'TABLE' ? 'table' : 'view',
      columns: columns(name).map((row) => dictionary.columnOf(row)),
      primaryKey: constraints.find(({ mark }) => mark === 'P')?.columns ?? [],
      indexes: [
        ...constraints.map((key) => ({ columns: key.columns, unique: true })),
        ...grouped(indexes(name)).map((index) => ({
          columns: index.columns,
          unique: index.mark === 'UNIQUE',
        })),
      ],
      rows: numberOrNull(rows),
      comment: textOrNull(comment),
    };
  });
}

/** Rows by their first cell, in their order. */
function byTable(rows: readonly SqlRow[]): (table: SqlCell | undefined) => readonly SqlRow[] {
  const found = new Map<SqlCell | undefined, SqlRow[]>();
  for (const row of rows) {
    const own = found.get(row[0]);
    if (own) own.push(row);
    else found.set(row[0], [row]);
  }
  return (table) => found.get(table) ?? [];
}

/** Rows of table, name, mark and column, by name. */
function grouped(rows: readonly SqlRow[]): { readonly mark: string; readonly columns: string[] }[] {
  const groups = new Map<string, { mark: string; columns: string[] }>();
  for (const [, name, mark, column] of rows) {
    const group = groups.get(String(name)) ?? { mark: String(mark), columns: [] };
    group.columns.push(String(column));
    groups.set(String(name), group);
  }
  return [...groups.values()];
}

export function numberOrNull(cell: SqlCell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}

export function textOrNull(cell: SqlCell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}

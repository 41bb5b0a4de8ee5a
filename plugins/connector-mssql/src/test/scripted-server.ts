import type { Answer, Sent } from './scripted-driver.js';

/** A column as sys.columns has it. */
export interface ScriptedColumn {
  readonly name: string;
  readonly type: string;
  readonly bytes?: number;
  readonly precision?: number;
  readonly scale?: number;
  readonly nullable?: boolean;
  readonly identity?: boolean;
  readonly collation?: string;
}

export interface ScriptedTable {
  readonly name: string;
  readonly view?: boolean;
  readonly columns: readonly ScriptedColumn[];
  readonly primaryKey?: readonly string[];
}

const ledgerColumns =
  'exchange agreement grant_version resource agent epoch seq rows_digest stage snapshot_id part delivered inserted updated unchanged deleted rejected committed_at';

/** Our own tables, as they are once they were made. */
export const ledgerTables: readonly ScriptedTable[] = [
  {
    name: 'qianzhi_ledger',
    columns: ledgerColumns.split(' ').map((name) => ({ name, type: 'nvarchar', bytes: 200 })),
  },
  { name: 'qianzhi_targets', columns: [{ name: 'target', type: 'nvarchar', bytes: 800 }] },
];

/**
 * Answers questions about the catalog for some tables of schema dbo, and about the session. What it does not know goes to `other`;
 * without an answer there a statement has no rows and writes none.
 */
export function scriptedServer(
  tables: readonly ScriptedTable[],
  other: (sent: Sent) => Answer | undefined = () => undefined,
): (sent: Sent) => Answer {
  return (sent) => {
    const own = other(sent);
    if (own) return own;
    const { sql, binds } = sent;
    const table = tables.find(({ name }) => name === binds.at(-1));
    if (sql.startsWith('SELECT s.name, o.name, RTRIM(o.type)'))
      return { rows: table ? columnRows(table) : [] };
    if (sql.startsWith('SELECT s.name, o.name, i.index_id')) return { rows: table ? indexRows(table) : [] };
    if (sql.startsWith('SELECT s.name, o.name, CONVERT'))
      return { rows: table ? [['dbo', table.name, null, '10']] : [] };
    if (sql.startsWith('SELECT snapshot_isolation_state')) return { rows: [[1]] };
    return /ROWCOUNT_BIG/.test(sql) ? { rows: [['0']] } : {};
  };
}

function columnRows({ name, view, columns }: ScriptedTable): unknown[][] {
  return columns.map((column) => [
    'dbo',
    name,
    view ? 'V' : 'U',
    column.name,
    column.type,
    column.bytes ?? 8,
    column.precision ?? 0,
    column.scale ?? 0,
    column.nullable ?? false,
    column.identity ?? false,
    false,
    0,
    column.collation ?? null,
    null,
  ]);
}

function indexRows({ name, primaryKey = [] }: ScriptedTable): unknown[][] {
  return primaryKey.map((column) => ['dbo', name, 1, true, true, column]);
}

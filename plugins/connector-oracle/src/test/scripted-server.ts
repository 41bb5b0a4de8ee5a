import type { Answer, Sent } from './scripted-driver.js';

/** A column as ALL_TAB_COLS has it. */
export interface ScriptedColumn {
  readonly name: string;
  readonly type: string;
  readonly bytes?: number;
  readonly characters?: number;
  readonly precision?: number;
  readonly scale?: number;
  readonly nullable?: boolean;
  readonly identity?: boolean;
}

export interface ScriptedTable {
  readonly name: string;
  readonly view?: boolean;
  readonly columns: readonly ScriptedColumn[];
  readonly primaryKey?: readonly string[];
}

const ledgerColumns =
  'EXCHANGE AGREEMENT GRANT_VERSION RESOURCE AGENT EPOCH SEQ ROWS_DIGEST STAGE SNAPSHOT_ID PART DELIVERED INSERTED UPDATED UNCHANGED DELETED REJECTED COMMITTED_AT';

/** Our own tables, as they are once they were made. */
export const ledgerTables: readonly ScriptedTable[] = [
  {
    name: 'QIANZHI_LEDGER',
    columns: ledgerColumns.split(' ').map((name) => ({ name, type: 'NVARCHAR2', characters: 100 })),
  },
  { name: 'QIANZHI_TARGETS', columns: [{ name: 'TARGET', type: 'NVARCHAR2', characters: 400 }] },
];

/** Answers questions about the catalog for some tables of schema LEGACY. What it does not know goes to `other`. */
export function scriptedServer(
  tables: readonly ScriptedTable[],
  other: (sent: Sent) => Answer | undefined = () => undefined,
): (sent: Sent) => Answer {
  return (sent) => {
    const own = other(sent);
    if (own) return own;
    const { sql, binds } = sent;
    const table = tables.find(({ name }) => name === binds['p2']);
    if (!table) return {};
    if (sql.includes('FROM all_objects o'))
      return { rows: [[table.name, table.view ? 'VIEW' : 'TABLE', 'LEGACY', '10', null]] };
    if (sql.includes('FROM all_tab_cols c')) return { rows: columnRows(table) };
    if (!sql.includes('FROM all_constraints k')) return {};
    return { rows: (table.primaryKey ?? []).map((column) => [table.name, 'PK', 'P', column]) };
  };
}

function columnRows({ name, columns }: ScriptedTable): unknown[][] {
  return columns.map((column) => [
    name,
    column.name,
    column.type,
    String(column.bytes ?? (column.characters ?? 0) * 2),
    String(column.characters ?? 0),
    column.characters === undefined ? null : 'C',
    column.precision === undefined ? null : String(column.precision),
    column.scale === undefined ? null : String(column.scale),
    column.nullable ? 'Y' : 'N',
    'NO',
    '0',
    column.identity ? '1' : '0',
    null,
  ]);
}

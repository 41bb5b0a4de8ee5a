import type { Answer, Sent } from './scripted-driver.js';

/** A column as ALL_TAB_COLUMNS has it. */
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
  readonly columns: readonly ScriptedColumn[];
  readonly primaryKey?: readonly string[];
}

const ledgerColumns =
  'EXCHANGE AGREEMENT GRANT_VERSION RESOURCE AGENT EPOCH SEQ ROWS_DIGEST STAGE SNAPSHOT_ID PART DELIVERED INSERTED UPDATED UNCHANGED DELETED REJECTED COMMITTED_AT';

/** Our own tables, as they are once they were made. */
export const ledgerTables: readonly ScriptedTable[] = [
  {
    name: 'QIANZHI_LEDGER',
    columns: ledgerColumns.split(' ').map((name) => ({ name, type: 'VARCHAR', characters: 100 })),
  },
  { name: 'QIANZHI_TARGETS', columns: [{ name: 'TARGET', type: 'VARCHAR', characters: 400 }] },
];

/** Answers questions about the dictionary for some tables of schema LEGACY. What it does not know goes to `other`. */
export function scriptedServer(
  tables: readonly ScriptedTable[],
  other: (sent: Sent) => Answer | undefined = () => undefined,
): (sent: Sent) => Answer {
  return (sent) => {
    const own = other(sent);
    if (own) return own;
    const { sql, binds } = sent;
    if (sql.includes(`'' IS NULL`)) return { rows: [['0']] };
    const table = tables.find(({ name }) => name === binds['p2']);
    if (!table) return {};
    if (sql.includes('FROM all_objects o')) return { rows: [[table.name, 'TABLE', 'LEGACY', '10', null]] };
    if (sql.includes('FROM all_tab_columns c'))
      return { rows: table.columns.map((column) => row(table, column)) };
    if (!sql.includes('FROM all_constraints k')) return {};
    return { rows: (table.primaryKey ?? []).map((column) => [table.name, 'PK', 'P', column]) };
  };
}

function row({ name }: ScriptedTable, column: ScriptedColumn): unknown[] {
  const text = (value: number | undefined) => (value === undefined ? null : String(value));
  return [
    name,
    column.name,
    column.type,
    text(column.bytes ?? column.characters),
    text(column.characters ?? column.bytes),
    column.characters !== undefined ? 'C' : column.bytes !== undefined ? 'B' : null,
    text(column.precision),
    text(column.scale),
    column.nullable ? 'Y' : 'N',
    '0',
    column.identity ? '1' : '0',
    null,
  ];
}

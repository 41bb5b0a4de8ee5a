import Database from 'better-sqlite3';

/** How one resource lies in the two databases: catalog column → column of each table. */
export interface ComparedTable {
  readonly source: {
    readonly file: string;
    readonly table: string;
    readonly columns: Readonly<Record<string, string>>;
  };
  readonly target: { readonly file: string; readonly table: string };
  readonly key: string;
  /** Whether the catalog lets this row through, judged without the program under test's own counters. */
  readonly valid: (row: Readonly<Record<string, string | null>>) => boolean;
}

export interface Compared {
  readonly sourceRows: number;
  readonly invalidRows: number;
  readonly flaggedRows: number;
  /** Rows of source and target equal in every compared column. */
  readonly equalRows: number;
  /** Keys in words of counts only: nothing of a value leaves here. */
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
}

const privateUse = /[\uE000-\uF8FF\uFFFD\u{F0000}-\u{10FFFD}]/u;
const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Opens both databases and compares every value of the given columns as text, NULL apart from ''. */
export function compareTables(table: ComparedTable, columns: readonly string[]): Compared {
  const source = new Database(table.source.file, { readonly: true });
  const target = new Database(table.target.file, { readonly: true });
  try {
    const everything = Object.keys(table.source.columns);
    const read = everything.map(
      (column) => `CAST(${quote(table.source.columns[column]!)} AS TEXT) AS ${quote(column)}`,
    );
    const held = columns.map((column) => `CAST(${quote(column)} AS TEXT) AS ${quote(column)}`);
    const rows = source.prepare(`SELECT ${read.join(', ')} FROM ${quote(table.source.table)}`);
    const find = target.prepare(
      `SELECT ${held.join(', ')} FROM ${quote(table.target.table)} WHERE ${quote(table.key)} = ?`,
    );
    const count = {
      sourceRows: 0,
      invalidRows: 0,
      flaggedRows: 0,
      equalRows: 0,
      missing: 0,
      extra: 0,
      different: 0,
    };
    for (const row of rows.iterate() as IterableIterator<Record<string, string | null>>) {
      count.sourceRows += 1;
      if (!table.valid(row)) {
        count.invalidRows += 1;
        continue;
      }
      const other = find.get(row[table.key]) as Record<string, string | null> | undefined;
      if (Object.values(row).some((value) => value !== null && privateUse.test(value)))
        count.flaggedRows += 1;
      if (!other) count.missing += 1;
      else if (columns.every((column) => row[column] === other[column])) count.equalRows += 1;
      else count.different += 1;
    }
    const targetRows = (
      target.prepare(`SELECT count(*) AS rows FROM ${quote(table.target.table)}`).get() as { rows: number }
    ).rows;
    return { ...count, extra: targetRows - count.equalRows - count.different };
  } finally {
    source.close();
    target.close();
  }
}

/** Columns of a target table that hold any value: what really arrived. */
export function filledColumns(file: string, table: string): string[] {
  const database = new Database(file, { readonly: true });
  try {
    const names = (database.pragma(`table_info(${quote(table)})`) as { name: string }[]).map(
      ({ name }) => name,
    );
    return names.filter((name) =>
      database.prepare(`SELECT 1 FROM ${quote(table)} WHERE ${quote(name)} IS NOT NULL LIMIT 1`).get(),
    );
  } finally {
    database.close();
  }
}

/** Rows of a table; 0 where there is none yet. */
export function countTable(file: string, table: string): number {
  const database = new Database(file, { readonly: true });
  try {
    return (database.prepare(`SELECT count(*) AS rows FROM ${quote(table)}`).get() as { rows: number }).rows;
  } finally {
    database.close();
  }
}

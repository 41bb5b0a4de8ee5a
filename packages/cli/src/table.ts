import { printTable } from '@oclif/table';

export interface Column<T> {
  readonly name: string;
  readonly value: (row: T) => string | number | null | undefined;
}

/** Prints rows for a person; wide characters line up. Nothing is cut off: long cells wrap. */
export function showTable<T>(rows: readonly T[], columns: readonly Column<T>[]): void {
  const data = rows.map((row) =>
    Object.fromEntries(columns.map(({ name, value }) => [name, String(value(row) ?? '—')])),
  );
  printTable({
    data,
    columns: columns.map(({ name }) => ({ key: name, name })),
    borderStyle: 'headers-only-with-underline',
    overflow: 'wrap',
    headerOptions: { formatter: (header: string) => header, bold: false },
  });
}

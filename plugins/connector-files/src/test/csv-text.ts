import { readFile } from 'node:fs/promises';
import type { RowTexts } from '@qianzhi/testing';

export interface CsvRow {
  readonly op?: string;
  readonly fields: RowTexts;
}

/** CSV as programs of departments write it: everything in quotes but NULL. */
export function csvText(columns: readonly string[], rows: readonly CsvRow[], withOp: boolean): string {
  const field = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`);
  const line = (values: readonly (string | null)[]) => `${values.map(field).join(',')}\r\n`;
  return [
    line(withOp ? ['op', ...columns] : columns),
    ...rows.map(({ op, fields }) => line(withOp ? [op ?? 'U', ...fields] : fields)),
  ].join('');
}

/** Reads CSV back, apart from the connector: a fault there would otherwise judge itself. */
export async function readCsv(path: string): Promise<CsvRow[]> {
  const text = await readFile(path, 'utf8');
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  const field = /("(?:[^"]|"")*"|[^,\r\n"]*)(,|\r?\n)/y;
  for (let found = field.exec(text); found; found = field.exec(text)) {
    const value = found[1]!;
    row.push(value === '' ? null : value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (found[2] !== ',') {
      rows.push(row);
      row = [];
    }
    if (field.lastIndex === text.length) break;
  }
  const [names = [], ...data] = rows;
  const withOp = names[0] === 'op';
  return data.map(([first, ...rest]) =>
    withOp ? { op: first ?? '', fields: rest } : { fields: [first ?? null, ...rest] },
  );
}

import { open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CatalogItem } from '@qianzhi/model';
import type { LedgerRow } from '@qianzhi/plugin-api';
import { connectorErrors } from './errors.js';

/** Canonical texts in the order of the table's columns. */
export type Row = readonly (string | null)[];

export type Column = Pick<CatalogItem, 'type' | 'length' | 'precision' | 'scale' | 'key'> & {
  readonly name: string;
};

/** Parts of a snapshot that wait for the last one. */
export interface Staged {
  readonly stream: string;
  readonly id: string;
  readonly delivered: number;
  readonly rows: readonly Row[];
}

/**
 * One table: a JSON line with the columns, then a line for each row, ledger row and staged snapshot. All of it is
 * one file, so that replacing the file is the transaction in which rows and ledger change together.
 */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly ledger: readonly LedgerRow[];
  readonly staged: readonly Staged[];
  /** Changes whenever the file is replaced. */
  readonly version: string;
}

export function tableFile(folder: string, name: string): string {
  return join(folder, `${name}.jsonl`);
}

/** Throws QZ___OWNER___TABLE_MISSING or _TABLE_DAMAGED. */
export async function readTable(folder: string, name: string): Promise<Table> {
  const file = tableFile(folder, name);
  const version = await versionOf(file);
  if (version === undefined) throw connectorErrors.TABLE_MISSING({ folder, table: name });
  const [header, ...entries] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const { columns } = parseLine(file, 0, header ?? '') as { columns: Column[] };
  const rows: Row[] = [];
  const ledger: LedgerRow[] = [];
  const staged: Staged[] = [];
  for (const [index, text] of entries.entries()) {
    const entry = parseLine(file, index + 1, text) as { row?: Row; ledger?: LedgerRow; staged?: Staged };
    if (entry.row) rows.push(entry.row);
    if (entry.ledger) ledger.push(entry.ledger);
    if (entry.staged) staged.push(entry.staged);
  }
  return { name, columns, rows, ledger, staged, version };
}

/** Puts a new state of the table in place at once; after it returns the state survives a power loss. */
export async function writeTable(folder: string, table: Omit<Table, 'version'>): Promise<void> {
  const file = tableFile(folder, table.name);
  const lines = [
    { columns: table.columns },
    ...table.rows.map((row) => ({ row })),
    ...table.ledger.map((ledger) => ({ ledger })),
    ...table.staged.map((staged) => ({ staged })),
  ];
  const next = `${file}.next`;
  await using written = await open(next, 'w');
  await written.writeFile(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  await written.sync();
  await rename(next, file);
  await using parent = await open(dirname(file), 'r');
  await parent.sync();
}

async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino}-${size}-${mtimeNs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseLine(file: string, line: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the line, and with it row values.
    throw connectorErrors.TABLE_DAMAGED({ file, line: line + 1 });
  }
}

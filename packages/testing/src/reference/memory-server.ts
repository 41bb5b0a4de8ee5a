import { type CatalogItem, type CatalogResource, keyItems } from '@qianzhi/model';
import type { LedgerRow } from '@qianzhi/plugin-api';
import type { RowTexts } from '../connector/harness.js';

/** A database of tables in memory: what the reference connector connects to. Values are canonical texts. */
export interface MemoryServer {
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly tables: Map<string, MemoryTable>;
  readonly folders: Map<string, MemoryFolder>;
  /** Ledger rows by exchange and delivery stream, in order of seq. */
  readonly ledger: Map<string, LedgerRow[]>;
  /** Staged snapshots by exchange and delivery stream. */
  readonly staged: Map<string, StagedSnapshot>;
  /** Questions under way. */
  asking: number;
  /** Wall clock of the server, as milliseconds since the epoch. */
  now(): number;
}

/** Files by name, as they are. */
export interface MemoryFolder {
  readonly files: Map<string, MemoryFile>;
  /** Parts of files that are not whole yet, by exchange and delivery stream. */
  readonly unfinished: Map<string, { readonly digest: string; readonly bytes: Uint8Array }>;
  next: number;
}

export interface MemoryFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Rises with each file that is put there. */
  readonly number: number;
  readonly modified: number;
}

export function putFile(folder: MemoryFolder, name: string, bytes: Uint8Array): void {
  folder.files.set(name, { name, bytes, number: folder.next++, modified: 1_700_000_000_000 });
}

export interface MemoryTable {
  readonly name: string;
  readonly columns: readonly CatalogItem[];
  readonly refuse?: { readonly column: string; readonly value: string };
  /** Rows by key (without a key: by row id). */
  rows: Map<string, MemoryRow>;
  nextId: number;
  /** Recorded changes, when the table captures them. */
  changes?: MemoryChange[];
  /** Places of rows that wait to be picked up, when the table has a pick-up column. */
  pending?: Set<string>;
  /** The server's own log of it. */
  readonly log: MemoryChange[];
  nextChange: number;
}

/** `id` rises with insertion and stays with the row: what a snapshot is ordered by. */
export interface MemoryRow {
  readonly id: number;
  readonly values: RowTexts;
}

export interface MemoryChange {
  readonly number: number;
  readonly op: 'U' | 'D';
  readonly values: RowTexts;
}

export interface StagedSnapshot {
  readonly id: string;
  readonly parts: number;
  readonly rows: readonly RowTexts[];
  readonly delivered: number;
  readonly rejected: number;
}

export function createMemoryServer(name: string, user: string, password: string): MemoryServer {
  return {
    name,
    user,
    password,
    tables: new Map(),
    folders: new Map(),
    ledger: new Map(),
    staged: new Map(),
    asking: 0,
    now: () => Date.now(),
  };
}

export function createMemoryTable(
  name: string,
  resource: CatalogResource,
  options: {
    readonly changes: boolean;
    readonly flag?: boolean;
    readonly refuse?: { readonly column: string; readonly value: string };
  },
): MemoryTable {
  return {
    name,
    columns: resource.items,
    ...(options.refuse ? { refuse: options.refuse } : {}),
    rows: new Map(),
    nextId: 1,
    ...(options.changes ? { changes: [] } : {}),
    ...(options.flag ? { pending: new Set<string>() } : {}),
    log: [],
    nextChange: 1,
  };
}

/** The row's place in `rows`; a table without a key gives every row a place of its own. */
export function placeOf(table: MemoryTable, values: RowTexts): string {
  const keyAt = table.columns.flatMap((column, at) => (column.key ? [at] : []));
  return keyAt.length > 0 ? JSON.stringify(keyAt.map((at) => values[at])) : `#${table.nextId}`;
}

export function putRow(table: MemoryTable, values: RowTexts): void {
  const place = placeOf(table, values);
  const id = table.rows.get(place)?.id ?? table.nextId++;
  table.rows.set(place, { id, values });
  record(table, 'U', values);
  table.pending?.add(place);
}

function record(table: MemoryTable, op: MemoryChange['op'], values: RowTexts): void {
  const change = { number: table.nextChange++, op, values };
  table.changes?.push(change);
  table.log.push(change);
}

export function removeRow(table: MemoryTable, values: RowTexts): void {
  const place = placeOf(table, values);
  if (!table.rows.delete(place)) return;
  table.pending?.delete(place);
  const key = values.map((value, at) => (table.columns[at]?.key ? value : null));
  record(table, 'D', key);
}

/** Rows in order of their id. */
export function rowsInOrder(table: MemoryTable): MemoryRow[] {
  return [...table.rows.values()].sort((a, b) => a.id - b.id);
}

/** The values of some columns, in the order of a resource. */
export function project(table: MemoryTable, resource: CatalogResource): (values: RowTexts) => RowTexts {
  const at = resource.items.map((item) => table.columns.findIndex((column) => column.column === item.column));
  return (values) => at.map((index) => values[index] ?? null);
}

export function hasKey(resource: CatalogResource): boolean {
  return keyItems(resource).length > 0;
}

/** Milliseconds since the epoch as canonical text of a T item, in UTC. */
export function clockText(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`.replace(/\.?0+$/, (zeros) =>
    zeros.startsWith('.') ? '' : zeros,
  );
}

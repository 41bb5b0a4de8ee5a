import { open } from 'node:fs/promises';
import { type CatalogResource, keyItems } from '@qianzhi/model';
import { keyOf } from '@qianzhi/rows';
import type { CatalogService } from '../ports.js';
import type { SupplierState } from './state-table.js';

/** Rows of the newest states that have one of the keys. */
export interface FoundRows {
  readonly resource: CatalogResource;
  /** Whose rows, and as of which batch. */
  readonly state: SupplierState;
  /** When the last batch in it was received, and how many came since. */
  readonly storedAt: string;
  readonly behind: number;
  /** Row text with op `S`, in no order; a key that is not there has no row. */
  readonly rows: readonly Uint8Array[];
}

/**
 * Rows by key: `keys` are row text of the key items, joined by TAB (`keyOf`). One answer for each supplier. Reads a few files of 4 MiB
 * and holds one at a time. A resource without key items has no answer.
 */
export type LookupState = (resource: string, keys: readonly string[]) => Promise<readonly FoundRows[]>;

const HEAD_BYTES = 64 * 1024;

export function createLookup(
  statesOf: (resource: string) => Promise<readonly SupplierState[]>,
  catalog: CatalogService,
  ageOf: (state: SupplierState) => Promise<Pick<FoundRows, 'storedAt' | 'behind'>>,
): LookupState {
  /** First key of each file, of the states asked for last. */
  const firstKeys = new Map<string, readonly Buffer[]>();

  async function firstKeysOf(state: SupplierState, keyFields: readonly number[]): Promise<readonly Buffer[]> {
    const known = firstKeys.get(state.id);
    if (known) return known;
    const keys: Buffer[] = [];
    for (const { path, bytes } of state.files)
      keys.push(Buffer.from(keyOf(await head(path, bytes), keyFields)));
    if (firstKeys.size >= 50) firstKeys.clear();
    firstKeys.set(state.id, keys);
    return keys;
  }

  return async (code, keys) => {
    const answers: FoundRows[] = [];
    const seen = new Set<string>();
    for (const state of await statesOf(code)) {
      if (seen.has(state.agent)) continue;
      seen.add(state.agent);
      const resource = await catalog.resource(code, state.schemaVersion);
      if (!resource || keyItems(resource).length === 0) continue;
      const keyFields = resource.items.flatMap(({ key }, at) => (key ? [at] : []));
      const first = await firstKeysOf(state, keyFields);
      const byFile = new Map<number, Buffer[]>();
      for (const key of new Set(keys)) {
        const wanted = Buffer.from(key);
        const file = lastAtMost(first.length, (at) => Buffer.compare(first[at]!, wanted));
        if (file >= 0) byFile.set(file, [...(byFile.get(file) ?? []), wanted]);
      }
      const rows: Uint8Array[] = [];
      for (const [file, wanted] of byFile)
        rows.push(...(await rowsIn(state.files[file]!, wanted, keyFields)));
      answers.push({ resource, state, rows, ...(await ageOf(state)) });
    }
    return answers;
  };
}

async function rowsIn(
  file: SupplierState['files'][number],
  keys: readonly Buffer[],
  keyFields: readonly number[],
): Promise<Uint8Array[]> {
  const bytes = await readWhole(file.path, file.bytes);
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at = bytes.indexOf(10, at) + 1) starts.push(at);
  const rowAt = (row: number) => bytes.subarray(starts[row]!, starts[row + 1] ?? bytes.length);
  return keys.flatMap((key) => {
    const compare = (row: number) => Buffer.compare(Buffer.from(keyOf(rowAt(row), keyFields)), key);
    const row = lastAtMost(starts.length, compare);
    return row >= 0 && compare(row) === 0 ? [Buffer.from(rowAt(row))] : [];
  });
}

/** The last of `count` places, in rising order, whose comparison is at most 0; -1 where none is. */
function lastAtMost(count: number, compare: (at: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(middle) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A row is as large as it likes: read until it ends. */
async function head(path: string, size: number): Promise<Buffer> {
  for (let length = HEAD_BYTES; ; length *= 8) {
    const bytes = await readWhole(path, Math.min(length, size));
    if (bytes.includes(10) || length >= size) return bytes;
  }
}

async function readWhole(path: string, length: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await handle.read(bytes, 0, length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

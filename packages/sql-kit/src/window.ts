import { createHash } from 'node:crypto';
import { keyOf } from '@qianzhi/rows';

/** So many rows of an overlap are known again; more are carried once more, which a target finds unchanged. */
export const WINDOW_ROWS = 32_768;
const DIGEST_BYTES = 8;
const ENTRY = 2 * DIGEST_BYTES;

interface Entry {
  readonly row: string;
  readonly mark: string;
}

/**
 * The rows of a watermark's overlap that were carried already: for each key the digest of its last content and time.
 * Small enough for a checkpoint, and no row value can be read from it. A mark is any text of the connector's choice.
 */
export interface Window {
  /** Rows left out since the window was opened. */
  readonly repeated: number;
  /** Rows that found no place. */
  readonly overflow: number;
  /** False where this very row was carried before with the same mark; remembers it either way. */
  carry(row: Uint8Array, mark: string): boolean;
  /** What to remember while the window is still being read: everything. */
  packAll(): string;
  /** What to remember of a window read to its end: rows of this read whose mark passes `stays`, or all if it was resumed. */
  packEnd(stays: (mark: string) => boolean, resumed: boolean): string;
}

/** Opens a window on what was remembered; '' for a new one. `keyFields` are the positions of the key items. */
export function openWindow(remembered: string, keyFields: readonly number[]): Window {
  const before = unpack(remembered);
  const now = new Map<string, Entry>();
  let repeated = 0;
  let overflow = 0;
  const rest = () => [...before].filter(([key]) => !now.has(key)).map(([key, row]): Packed => [key, { row }]);
  return {
    get repeated() {
      return repeated;
    },
    get overflow() {
      return overflow;
    },
    carry(row, mark) {
      const key = digest(Buffer.from(keyOf(row, keyFields)));
      const content = digest(row, mark);
      const known = (now.get(key)?.row ?? before.get(key)) === content;
      if (now.has(key) || now.size < WINDOW_ROWS) now.set(key, { row: content, mark });
      else overflow++;
      if (known) repeated++;
      return !known;
    },
    packAll: () => packed([...now, ...rest()]),
    packEnd: (stays, resumed) =>
      packed([...[...now].filter(([, entry]) => stays(entry.mark)), ...(resumed ? rest() : [])]),
  };
}

type Packed = readonly [string, { readonly row: string }];

function packed(entries: readonly Packed[]): string {
  const text = entries.slice(0, WINDOW_ROWS).map(([key, { row }]) => key + row);
  return Buffer.from(text.join(''), 'latin1').toString('base64');
}

function unpack(packed: string): Map<string, string> {
  const text = Buffer.from(packed, 'base64').toString('latin1');
  const found = new Map<string, string>();
  for (let at = 0; at + ENTRY <= text.length; at += ENTRY) {
    found.set(text.slice(at, at + DIGEST_BYTES), text.slice(at + DIGEST_BYTES, at + ENTRY));
  }
  return found;
}

function digest(bytes: Uint8Array, more = ''): string {
  return createHash('sha256').update(bytes).update(more).digest().toString('latin1', 0, DIGEST_BYTES);
}

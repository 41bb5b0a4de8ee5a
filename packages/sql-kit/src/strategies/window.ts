import { hash } from 'node:crypto';
import { keyOf } from '@qianzhi/rows';

/** So many rows of an overlap are known again; more are carried once more, which a target finds unchanged. */
export const WINDOW_ROWS = 32_768;
const DIGEST_BYTES = 8;
const ENTRY = 2 * DIGEST_BYTES;

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
  const before = entriesOf(Buffer.from(remembered, 'base64'));
  const now = entriesOf(Buffer.alloc(0));
  const marks: string[] = [];
  let repeated = 0;
  let overflow = 0;
  /** Those of before that were not met again. */
  const rest = () => before.pack((_, key) => now.find(key) < 0);
  return {
    get repeated() {
      return repeated;
    },
    get overflow() {
      return overflow;
    },
    carry(row, mark) {
      const key = digest(Buffer.from(keyOf(row, keyFields)));
      const content = digest(Buffer.concat([row, Buffer.from(mark)]));
      const place = now.find(key);
      const known = (place >= 0 ? now.content(place) : before.content(before.find(key))) === content;
      if (place >= 0 || now.size < WINDOW_ROWS) marks[now.put(place, key, content)] = mark;
      else overflow++;
      if (known) repeated++;
      return !known;
    },
    packAll: () => packed(now.pack(all), rest()),
    packEnd: (stays, resumed) =>
      packed(
        now.pack((place) => stays(marks[place]!)),
        resumed ? rest() : NONE,
      ),
  };
}

const NONE = Buffer.alloc(0);
const all = () => true;

function packed(...entries: readonly Buffer[]): string {
  return Buffer.concat(entries)
    .subarray(0, WINDOW_ROWS * ENTRY)
    .toString('base64');
}

/** Pairs of digests of key and content, one behind the other as a checkpoint holds them: every block has a checkpoint. */
function entriesOf(packed: Buffer) {
  let bytes = packed;
  let size = Math.floor(packed.length / ENTRY);
  const places = new Map<string, number>();
  const text = (from: number) => bytes.toString('latin1', from, from + DIGEST_BYTES);
  for (let place = 0; place < size; place++) places.set(text(place * ENTRY), place);
  return {
    get size() {
      return size;
    },
    /** -1 where there is none. */
    find: (key: string) => places.get(key) ?? -1,
    content: (place: number) => (place < 0 ? undefined : text(place * ENTRY + DIGEST_BYTES)),
    /** At a place, or behind the last; answers where. */
    put(at: number, key: string, content: string): number {
      const place = at < 0 ? size++ : at;
      if (size * ENTRY > bytes.length) bytes = Buffer.concat([bytes], Math.max(1024, size * 2) * ENTRY);
      bytes.write(key + content, place * ENTRY, 'latin1');
      places.set(key, place);
      return place;
    },
    pack(wanted: (place: number, key: string) => boolean): Buffer {
      const runs: Buffer[] = [];
      let from = 0;
      let to = 0;
      for (const [key, place] of places) {
        if (!wanted(place, key)) continue;
        if (place !== to) {
          runs.push(bytes.subarray(from * ENTRY, to * ENTRY));
          from = place;
        }
        to = place + 1;
      }
      return Buffer.concat([...runs, bytes.subarray(from * ENTRY, to * ENTRY)]);
    },
  };
}

function digest(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'binary').slice(0, DIGEST_BYTES);
}

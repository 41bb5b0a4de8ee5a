import { SHORT } from './digests.js';
import { reconcileErrors } from './errors.js';

const ENTRY = 2 * SHORT;
/** Stands for the content of a row that its owner rejects: it never left there. */
export const STALE = Buffer.alloc(SHORT);
/** Stands for the content of a row of the target that cannot be read as row text. */
export const UNREADABLE = Buffer.alloc(SHORT, 0xff);

/** Digests of key and content of rows one by one, 32 bytes each. */
export interface Entries {
  readonly count: number;
  add(key: Buffer, row: Buffer): void;
  /** In order of key, then content. */
  sorted(): Buffer;
}

/** `expected`: how many there will probably be. */
export function createEntries(expected = 64): Entries {
  let bytes = Buffer.alloc(Math.max(expected, 64) * ENTRY);
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(key, row) {
      const at = count * ENTRY;
      if (at === bytes.length) bytes = Buffer.concat([bytes], bytes.length * 2);
      key.copy(bytes, at, 0, SHORT);
      row.copy(bytes, at + SHORT, 0, SHORT);
      count++;
    },
    sorted() {
      const order = Uint32Array.from({ length: count }, (_, n) => n * ENTRY);
      order.sort((a, b) => bytes.compare(bytes, b, b + ENTRY, a, a + ENTRY));
      const sorted = Buffer.alloc(count * ENTRY);
      order.forEach((from, n) => void bytes.copy(sorted, n * ENTRY, from, from + ENTRY));
      return sorted;
    },
  };
}

/** Throws QZ_RECONCILE_MESSAGE_BROKEN unless it is what `sorted` gives. */
export function requireEntries(bytes: Uint8Array): Buffer {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let wrong = view.length % ENTRY !== 0;
  for (let at = ENTRY; !wrong && at < view.length; at += ENTRY) {
    wrong = view.compare(view, at - ENTRY, at, at, at + ENTRY) < 0;
  }
  if (wrong) throw reconcileErrors.MESSAGE_BROKEN({ what: 'entries' });
  return view;
}

/** Where each key's entries begin and end. */
export function* keysOf(
  sorted: Buffer,
): Generator<{ readonly key: string; readonly contents: string }, void, undefined> {
  for (let at = 0; at < sorted.length; ) {
    let end = at + ENTRY;
    while (end < sorted.length && sorted.compare(sorted, at, at + SHORT, end, end + SHORT) === 0)
      end += ENTRY;
    let contents = '';
    for (let row = at; row < end; row += ENTRY)
      contents += sorted.toString('latin1', row + SHORT, row + ENTRY);
    yield { key: sorted.toString('latin1', at, at + SHORT), contents };
    at = end;
  }
}

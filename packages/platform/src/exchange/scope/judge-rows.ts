import { hash } from 'node:crypto';
import type { BatchManifest } from '@qianzhi/model';
import { keySpans, type RowScope, rowFate, rowOffsets } from '@qianzhi/rows';
import { rowPieces } from '../row-pieces.js';

/** A row scope with what is needed to tell which rows a consumer holds. */
export interface ScopedRows {
  readonly scope: RowScope;
  /** Positions of the key among the items. */
  readonly keyFields: readonly number[];
  /** Keys are named by a digest keyed with it, so that the names tell nobody anything. */
  readonly secret: Uint8Array;
}

/** What the scope alone says of each row of a batch. */
export interface Judged {
  /** `rowFate` of each row; `remove` stands for a row out of scope, or a delete, that is dropped unless its key is held. */
  readonly fates: Uint8Array;
  /** Names of the keys in scope, and of those whose fate hangs on what is held: one for each `remove`, in row order. */
  readonly brought: readonly string[];
  readonly asked: readonly string[];
}

/** Half of a SHA-256 tells keys apart: 132 bits in base64url. */
const NAME_LENGTH = 22;
const KEY_ROOM = 1024;
const TAB = 9;

/** Judges a batch's rows, some at a time so that other requests get their turn. */
export async function judgeRows(
  raw: Uint8Array,
  kind: BatchManifest['kind'],
  { scope, keyFields, secret }: ScopedRows,
): Promise<Judged> {
  const fates: Uint8Array[] = [];
  const brought: string[] = [];
  const asked: string[] = [];
  const nameAt = keyNames(keyFields, secret);
  for await (const piece of rowPieces(raw)) {
    const found = scope.judge(piece);
    const offsets = rowOffsets(piece);
    for (let row = 0; row < found.length; row++) {
      if (found[row] === 1) {
        // a resource without a key has nothing that could be held
        if (keyFields.length > 0) brought.push(nameAt(piece, offsets[row]!));
      } else if (kind === 'delta') {
        found[row] = rowFate.remove;
        asked.push(nameAt(piece, offsets[row]!));
      }
    }
    fates.push(found);
  }
  return { fates: Buffer.concat(fates), brought, asked };
}

/** Puts in what is held: a row out of scope is the delete of a held key, and is not mentioned else. Answers the keys removed. */
export function settleFates(
  { fates, asked }: Judged,
  isHeld: (key: string, at: number) => boolean,
): string[] {
  const removed: string[] = [];
  let at = 0;
  for (let row = 0; row < fates.length; row++) {
    if (fates[row] !== rowFate.remove) continue;
    const key = asked[at]!;
    if (isHeld(key, at++)) removed.push(key);
    else fates[row] = rowFate.drop;
  }
  return removed;
}

/** One bit for each key that was asked about, as text: with it the same fates can be made again. */
export function packHeld(asked: readonly string[], held: ReadonlySet<string>): string {
  const bits = Buffer.alloc(Math.ceil(asked.length / 8));
  for (const [at, key] of asked.entries()) if (held.has(key)) bits[at >> 3]! |= 1 << (at & 7);
  return bits.toString('base64url');
}

export function unpackHeld(text: string): (key: string, at: number) => boolean {
  const bits = Buffer.from(text, 'base64url');
  return (_, at) => ((bits[at >> 3]! >> (at & 7)) & 1) === 1;
}

/**
 * The name of the key of the row at a place: a delete and the whole row give the same. One call that copies into memory at hand
 * costs a fifth of what a hash object does.
 */
function keyNames(
  keyFields: readonly number[],
  secret: Uint8Array,
): (block: Uint8Array, start: number) => string {
  const spans = new Int32Array(keyFields.length * 2);
  let text = Buffer.alloc(secret.length + KEY_ROOM);
  text.set(secret);
  return (block, start) => {
    keySpans(block, start, keyFields, spans, 0);
    let end = secret.length;
    for (let k = 0; k < spans.length; k += 2) {
      const field = block.subarray(spans[k], spans[k + 1]);
      if (end + 1 + field.length > text.length) text = Buffer.concat([text], (end + 1 + field.length) * 2);
      text[end++] = TAB;
      text.set(field, end);
      end += field.length;
    }
    return hash('sha256', text.subarray(0, end), 'base64url').slice(0, NAME_LENGTH);
  };
}

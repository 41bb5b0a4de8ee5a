import { hash } from 'node:crypto';
import { keySpans } from '@qianzhi/rows';
import type { FormedRows } from './form.js';

const LF = 10;
const TAB = 9;
const ROW = 1;
const KEY = 2;
/** Key of the digest, what is digested, and its length. */
const HEAD = 32 + 1 + 4;

/** Bytes of a digest as entries hold it. By chance two of 10 million keys share one with probability 2^-82. */
export const SHORT = 16;

/** One row as it is compared. `key` and `row` are valid until the next one. */
export interface DigestedRow {
  /** 32 bytes. */
  readonly key: Buffer;
  /** 32 bytes, of the whole row: a value that moved to another row is another row. */
  readonly row: Buffer;
  /** Row text of the key items, joined by TAB. */
  keyText(): string;
}

export interface RowDigests {
  /** Calls `onRow` for each row of a block of row text. */
  each(block: Uint8Array, onRow: (row: DigestedRow) => void): void;
  /** Of a key as row text, in item order. */
  keyDigest(keyText: string): Buffer;
}

/**
 * Digests under a key of the session. SHA-256 over key, use, length and text: because the length comes first no text is the
 * beginning of another, so nothing can be told from a digest about a longer text's. Whoever writes rows does not know the
 * key, and so cannot aim at a digest.
 */
export function createDigests(secret: Uint8Array, { keyFields, apply }: FormedRows): RowDigests {
  if (secret.length !== 32) throw new TypeError('a key has 32 bytes');
  let scratch = Buffer.alloc(64 * 1024);
  scratch.set(secret);
  const spans = new Int32Array(keyFields.length * 2);

  function reserve(length: number): void {
    if (HEAD + length <= scratch.length) return;
    const larger = Buffer.alloc((HEAD + length) * 2);
    scratch.copy(larger, 0, 0, HEAD);
    scratch = larger;
  }

  function digest(use: number, length: number): Buffer {
    scratch[32] = use;
    scratch.writeUInt32BE(length, 33);
    return hash('sha256', scratch.subarray(0, HEAD + length), 'buffer');
  }

  return {
    each(block, onRow) {
      const bytes = apply(block);
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let start = 0; start < view.length; ) {
        const end = view.indexOf(LF, start);
        const length = end - start - 1;
        reserve(length);
        // the op says how a row came, not what it is
        view.copy(scratch, HEAD, start + 1, end);
        const row = digest(ROW, length);
        let key = row;
        if (keyFields.length > 0) {
          keySpans(view, start, keyFields, spans, 0);
          let at = HEAD;
          for (let k = 0; k < keyFields.length; k++) {
            if (k > 0) scratch[at++] = TAB;
            at += view.copy(scratch, at, spans[2 * k], spans[2 * k + 1]);
          }
          key = digest(KEY, at - HEAD);
        }
        const from = start;
        onRow({ key, row, keyText: () => keyTextOf(view, from, end, spans) });
        start = end + 1;
      }
    },
    keyDigest(keyText) {
      // without key items the whole row is the key, and its text begins behind the TAB after the op
      const whole = keyFields.length === 0;
      const text = Buffer.from(whole ? `\t${keyText}` : keyText);
      reserve(text.length);
      text.copy(scratch, HEAD);
      return digest(whole ? ROW : KEY, text.length);
    },
  };
}

/** Without key items the row itself is what names it. */
function keyTextOf(view: Buffer, start: number, end: number, spans: Int32Array): string {
  if (spans.length === 0) return view.toString('utf8', start + 2, end);
  const fields: string[] = [];
  for (let k = 0; k < spans.length; k += 2) fields.push(view.toString('utf8', spans[k], spans[k + 1]));
  return fields.join('\t');
}

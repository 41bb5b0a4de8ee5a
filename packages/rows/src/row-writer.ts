import { opByte, type RowOp } from './op.js';

/**
 * Writes row text into one growing buffer, field by field and without a row object. For connectors that
 * get arrays or buffers from a driver. Values are copied as they are: a lone surrogate becomes bytes that
 * are no UTF-8 and U+0000 stays, so that the validator rejects such a row with its number and item.
 */
export interface RowWriter {
  /** Complete rows since the last `take`. */
  readonly rows: number;
  /** Length so far, the current row included. */
  readonly bytes: number;
  begin(op: RowOp): void;
  /** A value as text; escapes are added. Null becomes `\N`. */
  text(value: string | null): void;
  /** A value as UTF-8 bytes from `start` to `end`; escapes are added. */
  utf8(value: Uint8Array, start?: number, end?: number): void;
  /** A field that is row text already (escaped, or `\N`); copied untouched. */
  field(value: Uint8Array, start?: number, end?: number): void;
  /** G: `\\x` and lower-case hex. */
  binary(value: Uint8Array | null): void;
  /** L: `t` or `f`. */
  bool(value: boolean | null): void;
  null(): void;
  /** Ends the row. */
  end(): void;
  /** Drops the row begun and not ended. */
  drop(): void;
  /** The complete rows; the writer starts empty again and never touches them. Drops an unfinished row. */
  take(): Uint8Array;
}

const TAB = 9;
const LF = 10;
const BACKSLASH = 92;
const NOT_PLAIN = /[\t\n\r\\]|\p{Surrogate}/u;
/** Up to here a loop beats the call into Node's encoder. */
const SHORT = 64;

/** The letter after the backslash for a byte that needs an escape; 0 for all others. */
export const escapeLetter = new Uint8Array(256);
escapeLetter[BACKSLASH] = BACKSLASH;
escapeLetter[TAB] = 't'.charCodeAt(0);
escapeLetter[LF] = 'n'.charCodeAt(0);
escapeLetter[13] = 'r'.charCodeAt(0);

const hexOf = new Uint16Array(256);
for (let i = 0; i < 256; i++) {
  const text = i.toString(16).padStart(2, '0');
  hexOf[i] = (text.charCodeAt(0) << 8) | text.charCodeAt(1);
}

export function createRowWriter(initialBytes = 64 * 1024): RowWriter {
  let buffer = Buffer.allocUnsafeSlow(initialBytes);
  let position = 0;
  let rowStart = 0;
  let rows = 0;

  function reserve(extra: number): void {
    if (position + extra <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, position + extra));
    buffer.copy(larger, 0, 0, position);
    buffer = larger;
  }

  function chars(value: string): void {
    const out = buffer;
    const length = value.length;
    let p = position;
    for (let i = 0; i < length; i++) {
      let c = value.charCodeAt(i);
      if (c < 0x80) {
        const letter = escapeLetter[c]!;
        if (letter !== 0) {
          out[p++] = BACKSLASH;
          c = letter;
        }
        out[p++] = c;
      } else if (c < 0x800) {
        out[p++] = 0xc0 | (c >> 6);
        out[p++] = 0x80 | (c & 63);
      } else {
        if (c >= 0xd800 && c < 0xdc00 && i + 1 < length) {
          const low = value.charCodeAt(i + 1);
          if (low >= 0xdc00 && low < 0xe000) {
            i++;
            const point = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            out[p++] = 0xf0 | (point >> 18);
            out[p++] = 0x80 | ((point >> 12) & 63);
            out[p++] = 0x80 | ((point >> 6) & 63);
            out[p++] = 0x80 | (point & 63);
            continue;
          }
        }
        // a lone surrogate takes this way too: three bytes that are no UTF-8
        out[p++] = 0xe0 | (c >> 12);
        out[p++] = 0x80 | ((c >> 6) & 63);
        out[p++] = 0x80 | (c & 63);
      }
    }
    position = p;
  }

  function nothing(): void {
    reserve(3);
    buffer[position] = TAB;
    buffer[position + 1] = BACKSLASH;
    buffer[position + 2] = 78;
    position += 3;
  }

  return {
    get rows() {
      return rows;
    },
    get bytes() {
      return position;
    },
    begin(op) {
      reserve(1);
      buffer[position++] = opByte[op];
    },
    text(value) {
      if (value === null) return nothing();
      reserve(1 + value.length * 3);
      buffer[position++] = TAB;
      if (value.length > SHORT && !NOT_PLAIN.test(value)) position += buffer.write(value, position, 'utf8');
      else chars(value);
    },
    utf8(value, start = 0, end = value.length) {
      reserve(1 + (end - start) * 2);
      const out = buffer;
      let p = position;
      out[p++] = TAB;
      for (let i = start; i < end; i++) {
        const c = value[i]!;
        const letter = escapeLetter[c]!;
        if (letter === 0) {
          out[p++] = c;
        } else {
          out[p++] = BACKSLASH;
          out[p++] = letter;
        }
      }
      position = p;
    },
    field(value, start = 0, end = value.length) {
      reserve(1 + end - start);
      buffer[position++] = TAB;
      buffer.set(start === 0 && end === value.length ? value : value.subarray(start, end), position);
      position += end - start;
    },
    binary(value) {
      if (value === null) return nothing();
      reserve(4 + value.length * 2);
      const out = buffer;
      let p = position;
      out[p++] = TAB;
      out[p++] = BACKSLASH;
      out[p++] = BACKSLASH;
      out[p++] = 120;
      for (let i = 0; i < value.length; i++) {
        const hex = hexOf[value[i]!]!;
        out[p++] = hex >> 8;
        out[p++] = hex & 255;
      }
      position = p;
    },
    bool(value) {
      if (value === null) return nothing();
      reserve(2);
      buffer[position++] = TAB;
      buffer[position++] = value ? 116 : 102;
    },
    null: nothing,
    end() {
      reserve(1);
      buffer[position++] = LF;
      rowStart = position;
      rows++;
    },
    drop() {
      position = rowStart;
    },
    take() {
      const full = buffer.subarray(0, rowStart);
      // a nearly empty buffer is copied out, so that a small block does not hold a large one
      const taken = rowStart * 2 < buffer.length ? Buffer.from(full) : full;
      if (taken === full) buffer = Buffer.allocUnsafeSlow(buffer.length);
      position = 0;
      rowStart = 0;
      rows = 0;
      return taken;
    },
  };
}

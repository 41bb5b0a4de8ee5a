import { isUtf8 } from 'node:buffer';
import { rowsErrors } from './errors.js';
import { opByte } from './op.js';
import { type Problem, rowProblems } from './problems.js';
import { bufferView, plainView } from './views.js';

/** What a block holds. `rows` is the sum of the others. */
export interface RowCounts {
  readonly rows: number;
  readonly snapshots: number;
  readonly upserts: number;
  readonly deletes: number;
}

const TAB = 9;
const LF = 10;
const CR = 13;
const BACKSLASH = 92;
const RUN_ROWS = 256;

/**
 * Checks a whole block of row text: complete rows, valid ops, exactly op + `fields` fields in each, only the
 * four escapes and `\N`, no raw CR, valid UTF-8, no U+0000. Throws QZ_ROWS_MALFORMED (integrity) naming row and field
 * by number (row from 1, field 0 is the op), never a value.
 */
export function scanRows(bytes: Uint8Array, fields: number): RowCounts {
  const length = bytes.length;
  if (length === 0) return { rows: 0, snapshots: 0, upserts: 0, deletes: 0 };
  if (bytes[length - 1] !== LF) throw malformed(bytes, length, rowProblems.end);
  if (!isUtf8(bytes)) throw malformed(bytes, firstBadUtf8(bytes), rowProblems.utf8);
  const nul = bufferView(bytes).indexOf(0);
  if (nul >= 0) throw malformed(bytes, nul, rowProblems.nul);

  const b = plainView(bytes);
  const counts = { snapshots: 0, upserts: 0, deletes: 0 };
  for (let p = 0; p < length; ) {
    p = scanRun(b, p, fields, counts);
    if (p < 0) throw malformed(b, -p - 1, problemOf(b, -p - 1));
  }
  return { rows: counts.snapshots + counts.upserts + counts.deletes, ...counts };
}

/**
 * Some rows on: many short calls are optimised by V8, one long loop is not for long. Answers where the next row
 * starts, or the place of what is wrong as -1 - place.
 */
function scanRun(
  b: Uint8Array,
  start: number,
  fields: number,
  counts: { snapshots: number; upserts: number; deletes: number },
): number {
  let p = start;
  for (let left = RUN_ROWS; left > 0 && p < b.length; left--) {
    const op = b[p];
    if (op === opByte.U) counts.upserts++;
    else if (op === opByte.S) counts.snapshots++;
    else if (op === opByte.D) counts.deletes++;
    else return -1 - p;
    p = rowEnd(b, p + 1, fields);
    if (p < 0) return p;
  }
  return p;
}

/** Where the next row starts, or what is wrong as -1 - place. The bytes are UTF-8 and end with LF. */
function rowEnd(b: Uint8Array, start: number, fields: number): number {
  let p = start;
  if (b[p] !== TAB) return -1 - p;
  let open = fields;
  let c = TAB;
  for (;;) {
    // Han and plain ASCII, most of all text, have tight loops of their own
    while ((c - 0xe0) >>> 0 < 14) {
      p += 3;
      c = b[p]!;
    }
    while ((c - 14) >>> 0 < 78) c = b[++p]!;
    if (c === TAB) {
      open--;
      c = b[++p]!;
    } else if (c < 14) {
      if (c === LF) return open === 0 ? p + 1 : -1 - p;
      if (c === CR) return -1 - p;
      c = b[++p]!;
    } else if (c === BACKSLASH) {
      if (!escapeFits(b, p + 1)) return -1 - p;
      p += 2;
      c = b[p]!;
    } else if (c >= 0x80) {
      p += c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
      c = b[p]!;
    } else {
      c = b[++p]!;
    }
  }
}

function problemOf(b: Uint8Array, at: number): Problem {
  if (at === 0 || b[at - 1] === LF) return rowProblems.op;
  if (b[at] === LF) return rowProblems.fields;
  if (b[at] === CR) return rowProblems.cr;
  return b[at] === BACKSLASH ? rowProblems.escape : rowProblems.op;
}

/** `p` is just after a backslash: `\\ \t \n \r` anywhere, `\N` only as the whole field. */
function escapeFits(b: Uint8Array, p: number): boolean {
  const c = b[p];
  if (c === BACKSLASH || c === 116 || c === 110 || c === 114) return true;
  return c === 78 && b[p - 2] === TAB && (b[p + 1] === TAB || b[p + 1] === LF);
}

function firstBadUtf8(bytes: Uint8Array): number {
  // LF bytes never occur inside a sequence, so the first bad row is the first that fails alone
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(LF, start) + 1 || bytes.length;
    const row = bytes.subarray(start, end);
    if (!isUtf8(row) || end === bytes.length) {
      for (let tab = 0; ; ) {
        const next = row.indexOf(TAB, tab) + 1 || row.length;
        if (!isUtf8(row.subarray(tab, next)) || next === row.length) return start + tab;
        tab = next;
      }
    }
    start = end;
  }
}

function malformed(bytes: Uint8Array, at: number, problem: Problem) {
  let row = 1;
  let field = 0;
  for (let i = 0; i < at; i++) {
    if (bytes[i] === LF) {
      row++;
      field = 0;
    } else if (bytes[i] === TAB) {
      field++;
    }
  }
  return rowsErrors.MALFORMED({ row, field, ...problem });
}

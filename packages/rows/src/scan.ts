import { isUtf8 } from 'node:buffer';
import { rowsErrors } from './errors.js';
import { FROM, kernel, piecesOf } from './kernel/kernel.js';
import { type Problem, rowProblems } from './problems.js';
import { bufferView } from './views.js';

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

  const { take, scan, snapshots, upserts, deletes } = kernel();
  for (const count of [snapshots, upserts, deletes]) count.value = 0;
  for (const { start, rows } of piecesOf(bytes)) {
    const wrong = scan(FROM, take(rows), fields);
    if (wrong > 0) throw malformed(bytes, start + wrong - FROM, problemOf(bytes, start + wrong - FROM));
  }
  const counts = { snapshots: snapshots.value, upserts: upserts.value, deletes: deletes.value };
  return { rows: counts.snapshots + counts.upserts + counts.deletes, ...counts };
}

function problemOf(b: Uint8Array, at: number): Problem {
  if (at === 0 || b[at - 1] === LF) return rowProblems.op;
  if (b[at] === LF) return rowProblems.fields;
  if (b[at] === CR) return rowProblems.cr;
  return b[at] === BACKSLASH ? rowProblems.escape : rowProblems.op;
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

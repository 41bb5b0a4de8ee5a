import { fieldSpans, rowBefore } from '@qianzhi/sql-kit';

/**
 * Where the last rows begin that are equal in `fields` (among the items), and how many they are. Where nothing guarantees
 * that a key occurs once, a walk may only stop before them: the next row could be another of the kind.
 */
export function trailingTies(bytes: Buffer, fields: readonly number[]): { start: number; rows: number } {
  let start = rowBefore(bytes, bytes.length);
  const key = keyText(bytes, start, bytes.length - 1, fields);
  let rows = 1;
  while (start > 0) {
    const before = rowBefore(bytes, start);
    if (keyText(bytes, before, start - 1, fields) !== key) break;
    start = before;
    rows++;
  }
  return { start, rows };
}

function keyText(bytes: Buffer, start: number, end: number, fields: readonly number[]): string {
  const spans = fieldSpans(bytes, start, end);
  return fields
    .map((field) => bytes.toString('latin1', spans[2 * field + 2], spans[2 * field + 3]))
    .join('\t');
}

import { createRowWriter, decodeField, opOf } from '@qianzhi/rows';

/** Why a value cannot be written; a reason code of the rejection. */
export interface Unwritable {
  readonly reason: string;
}

/** What a value, as canonical text, becomes in a column; null is NULL. It is not asked for NULL. */
export type ValueRule = (text: string) => string | null | Unwritable;

/** The first value of a row that cannot be written: `field` is its position among the items. */
export interface UnwritableRow {
  readonly row: number;
  readonly field: number;
  readonly reason: string;
}

const TAB = 9;
const LF = 10;

/**
 * Row text with some of its values put in the form that their columns take. Rows with a value that has none are left
 * out and told, by number from 0. `rules` are by item; undefined leaves the field as it is. The op stays.
 */
export function rewriteRows(
  bytes: Uint8Array,
  rules: readonly (ValueRule | undefined)[],
): { readonly bytes: Uint8Array; readonly left: readonly UnwritableRow[] } {
  const writer = createRowWriter(bytes.length + 1024);
  const left: UnwritableRow[] = [];
  let row = 0;
  for (let at = 0; at < bytes.length; row++) {
    writer.begin(opOf(bytes[at])!);
    let problem: UnwritableRow | undefined;
    at++;
    for (let field = 0; bytes[at] === TAB; field++) {
      const start = at + 1;
      at = start;
      for (let c = bytes[at]; c !== TAB && c !== LF; c = bytes[++at]);
      const rule = rules[field];
      if (rule === undefined || problem !== undefined) {
        writer.field(bytes, start, at);
        continue;
      }
      const text = decodeField(bytes.subarray(start, at));
      const value = text === null ? null : rule(text);
      if (typeof value === 'object' && value !== null) problem = { row, field, reason: value.reason };
      else writer.text(value);
    }
    at++;
    if (problem) {
      left.push(problem);
      writer.drop();
    } else writer.end();
  }
  return { bytes: writer.take(), left };
}

import fc from 'fast-check';
import type { DecodedRow } from './decode.js';
import { rowOps } from './op.js';

/** Test help: text a column may hold: any Unicode but U+0000 and lone surrogates, with the row text's own characters often. */
export const anyText = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      '\t',
      '\n',
      '\r',
      '\\',
      'N',
      't',
      'n',
      'x',
      'é',
      '惠',
      '𠮷',
      '\ue000',
      '\ufffd',
      '\b',
      '\v',
    ),
  }),
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
  fc.constantFrom(
    '',
    '\\N',
    '\\',
    'NULL',
    '\ufeff',
    '\u2028',
    'e\u0301',
    '12345678901234567890123456789012345678',
    '9007199254740993',
  ),
);

export const anyField = fc.option(anyText, { nil: null, freq: 5 });

export function anyRows(fields: number, max = 12): fc.Arbitrary<DecodedRow[]> {
  const row = fc.record({
    op: fc.constantFrom(...rowOps),
    fields: fc.array(anyField, { minLength: fields, maxLength: fields }),
  });
  return fc.array(row, { maxLength: max });
}

import { expect, it } from 'vitest';
import { maskedPreview } from './preview.js';
import { rowValues } from './row-values.js';

it('shows fields of row text: null apart from empty, each escape once', () => {
  const text = ['S\ta\\tb\t\\N\t', 'U\tc\\\\t\tx\\r\\ny\t中'].map((line) => `${line}\n`).join('');
  expect(rowValues(Buffer.from(text))).toEqual([
    ['a\tb', null, ''],
    ['c\\t', 'x\r\ny', '中'],
  ]);
});

it('hides sensitive values only, and leaves null visible as null', () => {
  const column = (name: string, sensitive: boolean) => ({ column: name, name, type: 'C', sensitive });
  const preview = {
    columns: [column('a', false), column('b', true)],
    rows: [
      ['1', '2'],
      ['3', null],
    ],
    rejected: 0,
  };
  expect(maskedPreview(preview).rows).toEqual([
    ['1', '***'],
    ['3', null],
  ]);
});

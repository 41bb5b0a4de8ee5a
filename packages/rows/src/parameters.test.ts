import { answerText } from '@qianzhi/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileParameters } from './parameters.js';
import { createRowWriter } from './row-writer.js';

const check = compileParameters(
  [
    { name: '代码', column: 'code', type: 'C', length: 4, required: true },
    { name: '日期', column: 'day', type: 'D' },
    { name: '类型', column: 'kind', type: 'C', length: 2, codeTable: 'kinds' },
    { name: '金额', column: 'amount', type: 'N', precision: 6, scale: 2 },
  ],
  { kinds: { '1': '一' } },
);

it('values are spelled as the catalog has them', () => {
  expect(
    check([
      { code: 'a', amount: '1.5' },
      { code: 'b', day: null, kind: '1' },
    ]),
  ).toEqual({
    sets: [
      { code: 'a', day: null, kind: null, amount: '1.50' },
      { code: 'b', day: null, kind: '1', amount: null },
    ],
    bad: undefined,
  });
});

it.each([
  [[{ code: 'a' }, {}], { set: 1, item: 'code', reason: 'required' }],
  [[{ code: 'abcde' }], { set: 0, item: 'code', reason: 'too-long' }],
  [[{ code: 'a', day: '2026-02-30' }], { set: 0, item: 'day', reason: 'no-such-date' }],
  [[{ code: 'a', kind: '2' }], { set: 0, item: 'kind', reason: 'unknown-code' }],
  [[{ code: 'a', amount: '1.234' }], { set: 0, item: 'amount', reason: 'too-many-digits' }],
  [[{ code: 'a\0' }], { set: 0, item: 'code', reason: 'nul-character' }],
])('%j is refused', (sets, bad) => {
  expect(check(sets as Record<string, string>[]).bad).toEqual(bad);
});

it('the text that answers are digested over is row text', () => {
  const field = fc.option(fc.string({ unit: 'grapheme' }), { nil: null });
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 2 })), (rows) => {
      const writer = createRowWriter();
      for (const row of rows) {
        writer.begin('S');
        for (const value of row) writer.text(value);
        writer.end();
      }
      expect(answerText(rows)).toBe(Buffer.from(writer.take()).toString());
    }),
  );
});

import { type CatalogItem, isQianzhiError } from '@qianzhi/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyField } from '../arbitraries.js';
import { resourceOf, rowsOf } from '../fixtures.js';
import { compileValidator } from './compile.js';

/** The reason why a single value is rejected, or the flags it gets. */
function judge(
  item: Partial<CatalogItem>,
  value: string | null,
  codeTables?: Record<string, Record<string, string>>,
) {
  const validator = compileValidator(resourceOf([{}, item, {}], codeTables));
  const { rejected, flagged } = validator.validate(rowsOf(['U', 'a', value, 'b']));
  expect(rejected.every((row) => row.column === 'c1')).toBe(true);
  return rejected[0]?.reason ?? (flagged.map((flag) => flag.reason).join() || 'accepted');
}

describe('rules', () => {
  it('length counts code points, escapes as one', () => {
    fc.assert(
      fc.property(anyField, fc.integer({ min: 1, max: 12 }), (value, length) => {
        const expected = value !== null && [...value].length > length ? 'too-long' : 'accepted';
        expect(
          judge({ length }, value).replace(/private-use|replacement-character|,/g, '') || 'accepted',
        ).toBe(expected);
      }),
    );
  });

  it('required and key items refuse null, not the empty text', () => {
    expect(judge({ required: true }, null)).toBe('required');
    expect(judge({ key: true }, null)).toBe('required');
    expect(judge({ required: true }, '')).toBe('accepted');
    expect(judge({}, null)).toBe('accepted');
    expect(judge({ required: true }, '\\N')).toBe('accepted');
  });

  it('a code must be in its table, compared whole', () => {
    const codes = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}`, '']));
    const tables = { t: { ...codes, 'a\tb': '', '': '', 惠: '' } };
    for (const code of Object.keys(tables.t))
      expect(judge({ codeTable: 't' }, code, tables)).toBe('accepted');
    for (const code of ['500', '00', '1 ', 'a', 'a\\tb', '惠州'])
      expect(judge({ codeTable: 't' }, code, tables)).toBe('unknown-code');
    expect(judge({ codeTable: 't' }, null, tables)).toBe('accepted');
    expect(judge({ type: 'I', codeTable: 't' }, '7', tables)).toBe('accepted');
    expect(judge({ codeTable: 't' }, '', { t: {} })).toBe('unknown-code');
    expect(judge({ codeTable: 't' }, '01', { t: { '01': '', '02': '' } })).toBe('accepted');
    expect(judge({ codeTable: 't' }, '03', { t: { '01': '', '02': '' } })).toBe('unknown-code');
  });

  it('a pattern must match the whole decoded value, as RegExp says', () => {
    const patterns = [
      '[1-9]\\d{5}',
      '\\d{4}',
      'A[0-9A-F]{2}_',
      '^\\d{3}$',
      'a|bc',
      '(\\d{3,4}-)?\\d{7,8}',
      '[^\\t]*',
      '.',
      '惠+',
      '[A-Za-z_]{2}x',
    ];
    const anyValue = fc.oneof(
      anyField,
      fc.stringMatching(/^[0-9A-Fa-c_x-]{0,12}$/),
      fc.constantFrom('516000', 'A0F_', '123', 'bc', '0752-1234567'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...patterns), anyValue, (pattern, value) => {
        const matches = value === null || new RegExp(`^(?:${pattern})$`, 'u').test(value);
        expect(judge({ pattern }, value) === 'pattern').toBe(!matches);
      }),
      { numRuns: 1000 },
    );
  });

  it('bounds hold exactly, beyond 2^53 too', () => {
    const digits = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
    const small = fc.bigInt({ min: -20n, max: 20n });
    fc.assert(
      fc.property(
        fc.oneof(digits, small),
        fc.oneof(digits, small),
        fc.oneof(digits, small),
        (value, min, max) => {
          const expected = value < min ? 'below-minimum' : value > max ? 'above-maximum' : 'accepted';
          expect(judge({ type: 'I', min: `${min}`, max: `${max}` }, `${value}`)).toBe(expected);
          const decimal = (n: bigint) =>
            `${n < 0n ? '-' : ''}${`${n < 0n ? -n : n}`.padStart(3, '0').replace(/(..)$/, '.$1')}`;
          const bounds = { min: decimal(min), max: decimal(max) };
          expect(judge({ type: 'N', scale: 2, ...bounds }, decimal(value))).toBe(expected);
          expect(judge({ type: 'N', ...bounds }, decimal(value))).toBe(expected);
        },
      ),
    );
    expect(judge({ type: 'N', scale: 1, min: '0.55' }, '0.5')).toBe('below-minimum');
    expect(judge({ type: 'N', scale: 1, min: '0.55' }, '0.6')).toBe('accepted');
    expect(judge({ type: 'I', min: '0.5' }, '0')).toBe('below-minimum');
    expect(judge({ type: 'B', min: '-1', max: '1e3' }, '1000.5')).toBe('above-maximum');
    expect(judge({ type: 'B', max: '5' }, '5')).toBe('accepted');
  });

  it('dates and times are bounded in their order', () => {
    const date = {
      type: 'D',
      min: '2000-01-01',
      max: '2020-12-31',
      allow: ['zero-date', 'infinity'],
    } as const;
    const judged = ['1999-12-31', '2000-01-01', '2020-12-31', '2021-01-01', 'infinity', '0000-00-00'].map(
      (text) => judge(date as never, text),
    );
    expect(judged).toEqual([
      'below-minimum',
      'accepted',
      'accepted',
      'above-maximum',
      'accepted',
      'accepted',
    ]);
    const time = { type: 'T', instant: true, max: '2020-01-01 00:00:00+00' } as const;
    expect(judge(time, '2020-01-01 00:00:00+00')).toBe('accepted');
    expect(judge(time, '2020-01-01 00:00:00.001+00')).toBe('above-maximum');
    expect(judge(time, '2019-12-31 23:59:59.999+00')).toBe('accepted');
  });

  it.each([
    ['a pattern that does not compile', { pattern: '(' }],
    ['a pattern that the wrapping would mend', { pattern: 'a)(?:b' }],
    ['a missing code table', { codeTable: 'none' }],
    ['a code table named like an object’s own', { codeTable: 'constructor' }],
    ['a bound of another type', { type: 'D', min: '1' }],
    ['a bound that is no number', { type: 'I', max: 'x' }],
    ['a bound on text', { min: '1' }],
    ['an id type that is no item', { schemes: ['citizenId'], idTypeColumn: 'none' }],
    ['more scale than precision', { type: 'N', precision: 2, scale: 3 }],
  ] as const)('%s is a config error naming resource and column', (_, item) => {
    try {
      compileValidator(resourceOf([item as Partial<CatalogItem>], {}));
      expect.unreachable();
    } catch (error) {
      expect(isQianzhiError(error, 'QZ_ROWS_RESOURCE') && error.details).toMatchObject({
        resource: 'sample',
        column: 'c0',
      });
    }
  });
});

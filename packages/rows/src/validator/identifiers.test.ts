import {
  type CatalogItem,
  checkIdentifier,
  citizenIdFrom,
  type IdentifierScheme,
  orgCodeFrom,
  regNoFrom,
  usccFrom,
} from '@qianzhi/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resourceOf, rowsOf } from '../fixtures.js';
import { compileValidator } from './compile.js';

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const letters = (length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length });
const region = fc.integer({ min: 100000, max: 999999 }).map(String);

const validOnes: Record<IdentifierScheme, fc.Arbitrary<string>> = {
  citizenId: fc
    .tuple(
      region,
      fc.date({ min: new Date('1900-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
      fc.nat(999),
    )
    .map(([code, date, serial]) => citizenIdFrom(code, date.toISOString().slice(0, 10), serial)),
  uscc: fc.tuple(letters(2), region, letters(8)).map(([registrar, code, body]) => {
    // not every body has a check character of the code's alphabet; all do for GB 11714
    return usccFrom(registrar, code, body);
  }),
  regNo: fc.tuple(region, fc.nat(99_999_999)).map(([code, serial]) => regNoFrom(code, serial)),
  orgCode: letters(8).map(orgCodeFrom),
};

function verdict(item: Partial<CatalogItem>, value: string | null): string {
  const { rejected, flagged } = compileValidator(resourceOf([item, {}])).validate(rowsOf(['U', value, 'x']));
  return rejected[0]?.reason ?? flagged[0]?.reason ?? 'valid';
}

describe.each(Object.keys(validOnes) as IdentifierScheme[])('%s', (scheme) => {
  const validator = compileValidator(resourceOf([{ schemes: [scheme] }]));
  const accepts = (text: string) => validator.validate(rowsOf(['U', text])).rejected.length === 0;

  it('is judged as the model judges it, with one character changed, moved, dropped or added', () => {
    const character = fc.constantFrom(...alphabet, 'I', 'O', 'x', ' ', '惠', '\t', '-');
    fc.assert(
      fc.property(validOnes[scheme], fc.nat(20), character, fc.nat(3), (text, at, other, how) => {
        expect(accepts(text)).toBe(true);
        const start = at % text.length;
        const rest = [
          text.slice(start + 1),
          text.slice(start + 1),
          text.slice(start),
          text.slice(start + 2) + text[start],
        ][how]!;
        const changed = text.slice(0, start) + (how === 1 ? '' : other) + rest;
        expect(accepts(changed)).toBe(checkIdentifier(scheme, changed));
      }),
      { numRuns: 2000 },
    );
  });

  it('is judged as the model judges it, for texts of its characters', () => {
    fc.assert(
      fc.property(
        fc.oneof(letters(18), letters(9), fc.stringMatching(/^[0-9]{15}$|^[0-9]{17}[0-9X]$/)),
        (text) => {
          expect(accepts(text)).toBe(checkIdentifier(scheme, text));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

it('any one valid scheme is enough, null is not checked, the empty text is', () => {
  const schemes: IdentifierScheme[] = ['uscc', 'regNo'];
  expect(verdict({ schemes }, '914403001922038216')).toBe('valid');
  expect(verdict({ schemes }, '440301103097413')).toBe('valid');
  expect(verdict({ schemes }, '440524188001010014')).toBe('identifier');
  expect(verdict({ schemes }, null)).toBe('valid');
  expect(verdict({ schemes }, '')).toBe('identifier');
});

it('an invalid number is flagged where the catalog says so, and carried as it is', () => {
  const item = { schemes: ['citizenId'], onInvalid: 'flag' } satisfies Partial<CatalogItem>;
  const block = rowsOf(['U', '44052418800101001X'], ['U', '11010519491231002X']);
  const result = compileValidator(resourceOf([item])).validate(block);
  expect(result.bytes).toBe(block);
  expect(result.flagged).toEqual([{ row: 1, column: 'c0', reason: 'identifier' }]);
});

it('too long is too long, whatever the number says', () => {
  expect(verdict({ schemes: ['uscc'], length: 17 }, '914403001922038216')).toBe('too-long');
});

describe.each([
  ['before', 0, 1],
  ['behind', 1, 0],
])('with the id type %s the number', (_, typeAt, numberAt) => {
  function judge(
    type: string | null,
    number: string | null,
    extra: Partial<CatalogItem> = {},
    labels?: Record<string, string>,
  ) {
    const items: Partial<CatalogItem>[] = [];
    items[typeAt] = { column: 'type', codeTable: labels && 'types' };
    items[numberAt] = { column: 'number', schemes: ['citizenId'], idTypeColumn: 'type', ...extra };
    const values: (string | null)[] = [];
    values[typeAt] = type;
    values[numberAt] = number;
    const validator = compileValidator(resourceOf(items, labels && { types: labels }));
    const { rejected, flagged } = validator.validate(
      rowsOf(['U', '111', '111'].map(String) as never, ['U', ...values]),
    );
    const last = rejected.find((row) => row.row === 2) ?? flagged.find((flag) => flag.row === 2);
    if (last) expect(last.column).toBe('number');
    return last?.reason ?? 'valid';
  }

  it('a citizen number is checked only for a resident identity card', () => {
    expect(judge('111', '440524188001010014')).toBe('valid');
    expect(judge('111', 'E12345678')).toBe('identifier');
    expect(judge('居民身份证', 'E12345678')).toBe('identifier');
    expect(judge('414', 'E12345678')).toBe('valid');
    expect(judge(null, 'E12345678')).toBe('valid');
    expect(judge('111', null)).toBe('valid');
    expect(judge('111', 'E12345678', { onInvalid: 'flag' })).toBe('identifier');
  });

  it('the code table says which code is a resident identity card', () => {
    const labels = { '01': '居民身份证', '02': '护照', '03': '香港永久性居民身份证' };
    expect(judge('01', 'E12345678', {}, labels)).toBe('identifier');
    expect(judge('02', 'E12345678', {}, labels)).toBe('valid');
    expect(judge('03', 'R1234567', {}, labels)).toBe('valid');
  });
});

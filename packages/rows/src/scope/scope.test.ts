import { type CatalogItem, readScope, type Scope } from '@qianzhi/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../arbitraries.js';
import { decodeRows } from '../decode.js';
import { resourceOf, rowsOf } from '../fixtures.js';
import { compileScope } from './compile.js';
import { keepRows, rowFate } from './keep-rows.js';

const items: Partial<CatalogItem>[] = [
  { key: true },
  {},
  { type: 'N', scale: 2 },
  { type: 'I' },
  { type: 'D', allow: ['infinity', 'zero-date'] },
  { type: 'T', instant: true },
  { type: 'L' },
  { type: 'B', allow: ['nan'] },
];
const resource = resourceOf(items);
const judged = (text: string, ...fields: (string | null)[]) =>
  compileScope(resource, text).judge(
    rowsOf(['U', ...fields, ...Array<null>(items.length - fields.length).fill(null)]),
  )[0];

describe('a compiled row scope', () => {
  it.each([
    ["c1 = 'a\tb'", 0],
    ["c1 starts with 'a'", 1],
    ["c1 > 'a'", 1],
    ["c1 < 'a b'", 1], // TAB sorts before a blank
  ])('%s looks at the value, not at its escapes', (text, expected) => {
    if (text.includes('\t')) expect(() => compileScope(resource, text)).toThrow();
    else expect(judged(text, 'k', 'a\tb')).toBe(expected);
  });

  it.each<[string, string, number]>([
    ['c2 > 9007199254740992.99', '9007199254740993.00', 1],
    ['c2 > 9007199254740993', '9007199254740993.00', 0],
    ['c2 = 1.5', '1.50', 1],
    ['c2 <> 1.5', '1.50', 0],
    ['c2 = 0', '0.00', 1],
    ['c2 < -1', '-10.00', 1],
    ['c2 in (1, 2.5)', '2.50', 1],
    ['c2 >= 123456789012345.67', '123456789012345.66', 0],
  ])('%s of %s is %i', (text, value, expected) => {
    expect(judged(text, 'k', null, value)).toBe(expected);
  });

  it('compares special values with nothing, and null neither', () => {
    for (const value of ['infinity', '0000-00-00', '2020-00-00', null]) {
      for (const text of ['c4 > 2000-01-01', 'c4 <= 2000-01-01', 'not c4 = 2000-01-01', 'c4 <> 2000-01-01'])
        expect(judged(text, 'k', null, null, null, value)).toBe(0);
    }
    expect(judged('c4 is not null', 'k', null, null, null, 'infinity')).toBe(1);
    expect(judged('c3 = 1 or c1 is null', 'k')).toBe(1);
    expect(judged('not (c3 = 1 and c1 is not null)', 'k')).toBe(1);
    expect(judged('c6 = true', 'k', null, null, null, null, null, 't')).toBe(1);
    expect(judged('c6 <> true', 'k', null, null, null, null, null, 'f')).toBe(1);
    expect(judged('c7 < 1', 'k', null, null, null, null, null, null, 'NaN')).toBe(0);
    expect(judged("c5 > '2020-01-01 08:00'", 'k', null, null, null, null, '2020-01-01 08:00:00.5+00')).toBe(
      1,
    );
  });

  it('never judges a delete', () => {
    const block = rowsOf(['D', 'k', ...Array<null>(7).fill(null)], ['S', 'k', ...Array<null>(7).fill(null)]);
    expect([...compileScope(resource, 'c1 is null').judge(block)]).toEqual([0, 1]);
  });

  it('says of any row what the condition says in words', () => {
    fc.assert(
      fc.property(anyCondition(3), fc.array(anyRow, { maxLength: 6 }), (text, rows) => {
        const scope = readScope(text, resource);
        const block = rowsOf(...rows.map((fields) => ['U', ...fields] as const));
        expect([...compileScope(resource, text).judge(block)]).toEqual(
          rows.map((fields) => (naive(scope, fields) === true ? 1 : 0)),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('rows that are kept', () => {
  it('are as they were, the others gone or deletes of their key', () => {
    const row = fc.tuple(
      fc.constantFrom('U', 'S'),
      fc.array(fc.oneof(anyText, fc.constant(null)), { minLength: 3, maxLength: 3 }),
      fc.constantFrom(...Object.values(rowFate)),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const block = rowsOf(...rows.map(([op, fields]) => [op as 'U', ...fields] as const));
        const kept = keepRows(block, Uint8Array.from(rows.map(([, , fate]) => fate)), [0, 2]);
        const expected = rows.flatMap(([op, fields, fate]) => {
          if (fate === rowFate.drop) return [];
          return fate === rowFate.keep
            ? [{ op, fields }]
            : [{ op: 'D', fields: [fields[0], null, fields[2]] }];
        });
        expect([...decodeRows(kept.bytes)]).toEqual(expected);
        expect(kept.rows).toBe(expected.length);
      }),
    );
  });
});

type Row = readonly (string | null)[];

/** The condition over values, as a person would work it out: undefined is unknown. */
function naive(scope: Scope, row: Row): boolean | undefined {
  switch (scope.kind) {
    case 'not': {
      const part = naive(scope.part, row);
      return part === undefined ? undefined : !part;
    }
    case 'and': {
      const parts = scope.parts.map((part) => naive(part, row));
      return parts.includes(false) ? false : parts.includes(undefined) ? undefined : true;
    }
    case 'or': {
      const parts = scope.parts.map((part) => naive(part, row));
      return parts.includes(true) ? true : parts.includes(undefined) ? undefined : false;
    }
  }
  const at = Number(scope.item.slice(1));
  const value = row[at]!;
  if (scope.kind === 'null') return value === null;
  if (value === null) return undefined;
  if (scope.kind === 'starts') return value.startsWith(scope.value.text);
  const type = resource.items[at]!.type;
  const compare = (text: string): number | undefined => {
    if (type === 'N' || type === 'I') {
      const scaled = (t: string) => {
        const [whole = '', fraction = ''] = t.split('.');
        return BigInt(whole + fraction.padEnd(2, '0'));
      };
      const [a, b] = [scaled(value), scaled(text)];
      return a < b ? -1 : a > b ? 1 : 0;
    }
    if (type === 'D' && (value === 'infinity' || value === '0000-00-00')) return undefined;
    if (type === 'L') return value === text[0] ? 0 : 1;
    return Math.sign(Buffer.compare(Buffer.from(value), Buffer.from(text)));
  };
  if (scope.kind === 'in') {
    const orders = scope.values.map(({ text }) => compare(text));
    return orders.includes(0) ? true : orders.includes(undefined) ? undefined : false;
  }
  const order = compare(scope.value.text);
  if (order === undefined) return undefined;
  const answers = { '=': order === 0, '<>': order !== 0, '<': order < 0, '<=': order <= 0, '>': order > 0 };
  return scope.comparison === '>=' ? order >= 0 : answers[scope.comparison];
}

const digits = fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n });
const small = fc.bigInt({ min: -3n, max: 3n });
const number = fc.oneof(small, digits).map(String);
const decimal = fc
  .tuple(fc.oneof(small, digits), fc.integer({ min: 0, max: 99 }))
  .map(([whole, fraction]) => {
    const text = `${whole}.${String(fraction).padStart(2, '0')}`;
    return text === '-0.00' ? '0.00' : text;
  });
const day = fc
  .date({ min: new Date('1990-01-01'), max: new Date('1990-02-20'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const short = fc.string({
  unit: fc.constantFrom('a', 'b', '惠', '𠮷', '\ue000', ' ', '\\', "'"),
  maxLength: 3,
});

function orNull<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(value, { nil: null, freq: 4 });
}
const anyRow: fc.Arbitrary<Row> = fc.tuple(
  short,
  orNull(fc.oneof(short, anyText)),
  orNull(decimal),
  orNull(number),
  orNull(fc.oneof(day, fc.constantFrom('infinity', '0000-00-00'))),
  fc.constant(null),
  orNull(fc.constantFrom('t', 'f')),
  fc.constant(null),
);

function anyCondition(depth: number): fc.Arbitrary<string> {
  const quoted = short.map((text) => `'${text.replaceAll("'", "''")}'`);
  const values = { c0: quoted, c1: quoted, c2: decimal, c3: number, c4: day } as const;
  const column = fc.constantFrom(...(Object.keys(values) as (keyof typeof values)[]));
  const sign = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');
  const predicate = fc.oneof(
    column.chain((name) => fc.tuple(sign, values[name]).map(([s, value]) => `${name} ${s} ${value}`)),
    column.chain((name) =>
      fc.array(values[name], { minLength: 1, maxLength: 3 }).map((list) => `${name} in (${list.join(', ')})`),
    ),
    column.map((name) => `${name} is null`),
    quoted.map((text) => `c1 starts with ${text}`),
    fc.constantFrom('c6 = true', 'c6 <> true', 'c6 = false'),
  );
  if (depth === 0) return predicate;
  const inner = anyCondition(depth - 1);
  return fc.oneof(
    predicate,
    inner.map((text) => `not (${text})`),
    fc.tuple(inner, fc.constantFrom('and', 'or'), inner).map(([a, word, b]) => `(${a}) ${word} (${b})`),
  );
}

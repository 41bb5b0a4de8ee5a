import type { CatalogItem } from '@qianzhi/model';
import type { RowTexts } from '@qianzhi/testing';
import fc from 'fast-check';
import type { Table } from './sites/site.js';

type Shape = Omit<CatalogItem, 'name' | 'column'>;

interface Kind {
  readonly column: string;
  readonly shape: Shape;
  readonly values: fc.Arbitrary<string>;
}

const text = (maxLength: number) =>
  fc
    .array(fc.oneof(awkward, fc.string({ unit: 'binary', maxLength: 4 }), fc.string({ maxLength: 6 })), {
      maxLength: 10,
    })
    .map((parts) => [...parts.join('').replaceAll('\0', '')].slice(0, maxLength).join(''));

const awkward = fc.constantFrom(
  ...['\\', '\\N', '\\.', '\\x', '\\\\', "'", '"', '""', '`', ',', ';', '|', '{', '[', '%s', '$1', '?', ':a'],
  ...['\t', '\n', '\r', '\r\n', '\b', '\f', '\v', '\x01', '\x1a', '\x1b', '\x7f', '\x85', '\u2028', '\ufeff'],
  ...[' ', '  ', '\u3000', '\u00a0', '\u200b', '\u200f', '\u202e', '\u0301', 'e\u0301', 'é', 'שלום', 'مرحبا'],
  ...['䶮', '𠮷', '𪚥', '😀', '👨‍👩‍👧', '\ue000', '\u{f0000}', '\ufffd', '\uffff', '\u{10ffff}'],
  ...['', 'NULL', 'null', '0', '-0', '1e5', '007', '1.50', 'true', 't', '=1+1', '2026-01-01', '惠州市'],
);

/** All digits that fit, as often as few of them. */
function decimal(precision: number, scale: number): fc.Arbitrary<string> {
  const most = 10n ** BigInt(precision) - 1n;
  const unscaled = fc.oneof(
    fc.bigInt({ min: -most, max: most }),
    fc.bigInt({ min: -200n, max: 200n }),
    fc.constantFrom(most, -most, 0n, 1n, -1n, 10n ** BigInt(scale)),
  );
  return unscaled.map((value) => {
    const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
    const whole = digits.slice(0, digits.length - scale);
    return `${value < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`;
  });
}

const two = (number: number) => String(number).padStart(2, '0');

const day = fc.oneof(
  fc.constantFrom(
    ...['0001-01-01', '0001-12-31', '0004-02-29', '0099-02-28', '1000-01-01', '1582-10-04', '1582-10-05'],
    ...['1582-10-14', '1582-10-15', '1752-09-03', '1899-12-31', '1900-02-28', '1901-01-01', '1927-12-31'],
    ...['1940-06-03', '1970-01-01', '1986-05-04', '2000-02-29', '2024-02-29', '2038-01-19', '2100-02-28'],
    ...['9999-12-31'],
  ),
  fc
    .tuple(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 28 }),
    )
    .map(([year, month, date]) => `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`),
);

const clock = fc.oneof(
  fc.constantFrom('00:00:00', '23:59:59.999999', '00:00:00.000001', '02:30:00', '12:00:00.1', '08:05:43'),
  fc
    .tuple(fc.integer({ min: 0, max: 86_399 }), fc.integer({ min: 0, max: 999_999 }))
    .map(([seconds, micros]) => {
      const fraction = String(micros).padStart(6, '0').replace(/0+$/, '');
      const wall = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => two(Math.floor(part)));
      return `${wall.join(':')}${fraction && `.${fraction}`}`;
    }),
);

const moment = fc.tuple(day, clock).map(([date, time]) => `${date} ${time}`);

const double = fc
  .oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(5e-324, -5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308),
    fc.constantFrom(-0, 0, 0.1, 1 / 3, 1e21, 1e-7, 123456789012345680000, 4.35, 2 ** 53 + 2, 1e22, 1e23),
  )
  .map((value) => (Object.is(value, -0) ? '-0' : String(value)));

const long = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -(2n ** 53n) - 1n, 0n, -1n),
);

const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => `\\x${Buffer.from(value).toString('hex')}`);

const allBytes = `\\x${Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('hex')}`;

const kinds: readonly Kind[] = [
  { column: 'mixed', shape: { type: 'N', precision: 38, scale: 10 }, values: decimal(38, 10) },
  { column: 'whole', shape: { type: 'N', precision: 38, scale: 0 }, values: decimal(38, 0) },
  { column: 'small', shape: { type: 'N', precision: 38, scale: 37 }, values: decimal(38, 37) },
  { column: 'price', shape: { type: 'Y', precision: 20, scale: 4 }, values: decimal(20, 4) },
  { column: 'long', shape: { type: 'I' }, values: long.map(String) },
  { column: 'day', shape: { type: 'D' }, values: day },
  { column: 'wall', shape: { type: 'T' }, values: moment },
  { column: 'instant', shape: { type: 'T', instant: true }, values: moment.map((wall) => `${wall}+00`) },
  { column: 'word', shape: { type: 'C', length: 40 }, values: text(40) },
  { column: 'memo', shape: { type: 'M' }, values: text(4000) },
  { column: 'flag', shape: { type: 'L' }, values: fc.constantFrom('t', 'f') },
  { column: 'ratio', shape: { type: 'B' }, values: double },
  { column: 'bytes', shape: { type: 'G' }, values: fc.oneof(bytes, fc.constantFrom('\\x', allBytes)) },
];

export function tableOf(name: string, columns: readonly (Shape & { readonly column: string })[]): Table {
  return {
    name,
    columns: columns.map((item) => ({ name: item.column, item: { ...item, name: item.column } })),
  };
}

/** Every type of the catalog, behind a key of text. */
export const allKinds = (name: string): Table =>
  tableOf(name, [
    { column: 'id', type: 'C', length: 20, key: true },
    ...kinds.map(({ column, shape }) => ({ column, ...shape })),
  ]);

/** Rows of `allKinds`: few, each of many values that some database is known to change. */
export function anyRows(rows: number): fc.Arbitrary<RowTexts[]> {
  const cells = kinds.map(({ values }) => fc.option(values, { nil: null, freq: 9 }));
  return fc
    .array(fc.tuple(...cells), { minLength: 1, maxLength: rows, size: 'max' })
    .map((found) => found.map((values, at) => [`R${String(at).padStart(5, '0')}`, ...values]));
}

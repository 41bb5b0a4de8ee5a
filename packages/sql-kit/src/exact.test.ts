import { describe, expect, it } from 'vitest';
import { asDouble, asInteger, asSingle, atScale, notExact, tooLong, withinLength } from './exact.js';
import type { ValueRule } from './rewrite-rows.js';
import { instantToWall, midnightOnly, wallToInstant, withFraction } from './times.js';

const cases: readonly (readonly [string, ValueRule, readonly (readonly [string, unknown])[]])[] = [
  [
    'atScale(2)',
    atScale(2),
    [
      ['1.500', '1.5'],
      ['1.505', notExact],
      ['-0.01', '-0.01'],
      ['1e+21', '1000000000000000000000'],
      ['1e-7', notExact],
      ['NaN', 'NaN'],
      ['12', '12'],
    ],
  ],
  [
    'atScale(-2)',
    atScale(-2),
    [
      ['1200', '1200'],
      ['1250', notExact],
      ['0', '0'],
    ],
  ],
  [
    'asInteger',
    asInteger,
    [
      ['7.00', '7'],
      ['7.10', notExact],
      ['-0', notExact],
      ['1e+21', '1000000000000000000000'],
      ['NaN', notExact],
      ['9007199254740993', '9007199254740993'],
    ],
  ],
  [
    'asDouble',
    asDouble,
    [
      ['0.1', '0.1'],
      ['1.50', '1.50'],
      ['9007199254740993', notExact],
      ['0.1000000000000000055', notExact],
      ['Infinity', 'Infinity'],
      ['-0', '-0'],
    ],
  ],
  [
    'asSingle',
    asSingle,
    [
      ['0.1', '0.1'],
      ['16777216', '16777216'],
      ['16777217', notExact],
      ['3.4028235e+38', '3.4028235e+38'],
      ['1e+39', notExact],
      ['0.30000000000000004', notExact],
      ['-0', '-0'],
      ['0', '0'],
    ],
  ],
  [
    'withinLength(2)',
    withinLength(2, false),
    [
      ['𠮷𠮷', '𠮷𠮷'],
      ['abc', tooLong],
      ['a ', 'a '],
      ['ab ', tooLong],
    ],
  ],
  [
    'withinLength(4, cutsBlanks)',
    withinLength(4, true),
    [
      ['ab ', notExact],
      ['ab\t', 'ab\t'],
      ['', ''],
    ],
  ],
  [
    'withFraction(3)',
    withFraction(3),
    [
      ['2026-01-01 00:00:00.123', '2026-01-01 00:00:00.123'],
      ['2026-01-01 00:00:00.1234', notExact],
      ['2026-01-01 00:00:00.123+00', '2026-01-01 00:00:00.123+00'],
      ['infinity', 'infinity'],
    ],
  ],
  [
    'withFraction(0)',
    withFraction(0),
    [
      ['2026-01-01 00:00:00', '2026-01-01 00:00:00'],
      ['2026-01-01 00:00:00.1', notExact],
    ],
  ],
  [
    'midnightOnly',
    midnightOnly,
    [
      ['2026-01-01 00:00:00', '2026-01-01'],
      ['2026-01-01 00:00:00.1', notExact],
    ],
  ],
  [
    'wallToInstant',
    wallToInstant('Asia/Shanghai'),
    [
      ['2026-01-01 08:00:00.25', '2026-01-01 00:00:00.25+00'],
      ['1986-05-04 02:30:00', notExact],
      ['-infinity', '-infinity'],
    ],
  ],
  [
    'instantToWall',
    instantToWall('Europe/Berlin'),
    [
      ['2026-07-01 10:00:00+00', '2026-07-01 12:00:00'],
      ['2026-10-25 01:30:00+00', '2026-10-25 02:30:00'],
      ['2026-10-25 00:30:00+00', notExact],
    ],
  ],
];

describe('values for columns of another kind', () => {
  it.each(cases)('%s', (_name, rule, values) => {
    expect(values.map(([text]) => rule(text))).toEqual(values.map(([, to]) => to));
  });
});

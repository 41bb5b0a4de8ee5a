import { fitSqlColumn } from '@qianzhi/sql-kit';
import { describe, expect, it } from 'vitest';
import { mssqlDialect } from './dialect.js';
import { factsOf } from './native-type.js';

/** baseType, bytes, precision, scale → native type, family, what is fetched, how a staged text becomes a value. */
const types: readonly (readonly [string, number, number, number, string, string, string, string])[] = [
  ['int', 4, 10, 0, 'int', 'integer', 'c', 'CONVERT(int, v)'],
  ['bigint', 8, 19, 0, 'bigint', 'integer', 'c', 'CONVERT(bigint, v)'],
  ['bit', 1, 1, 0, 'bit', 'boolean', 'c', 'CONVERT(bit, v)'],
  [
    'decimal',
    17,
    38,
    10,
    'decimal(38,10)',
    'decimal',
    'CONVERT(varchar(50), c)',
    'CONVERT(decimal(38,10), v)',
  ],
  ['money', 8, 19, 4, 'money', 'decimal', 'CONVERT(varchar(50), c, 2)', 'CONVERT(money, v)'],
  ['float', 8, 53, 0, 'float', 'double', 'c', 'v'],
  ['real', 4, 24, 0, 'real', 'single', 'c', 'CONVERT(real, v)'],
  ['date', 3, 10, 0, 'date', 'date', 'CONVERT(varchar(10), c, 23)', 'CONVERT(date, v, 23)'],
  [
    'datetime2',
    8,
    27,
    7,
    'datetime2(7)',
    'wall',
    'CONVERT(varchar(30), c, 121)',
    'CONVERT(datetime2(7), v, 121)',
  ],
  [
    'datetime',
    8,
    23,
    3,
    'datetime',
    'wall',
    'CONVERT(varchar(30), c, 121)',
    'CONVERT(datetime, CONVERT(datetime2(7), v, 121))',
  ],
  [
    'datetimeoffset',
    10,
    34,
    7,
    'datetimeoffset(7)',
    'instant',
    "REPLACE(CONVERT(varchar(40), SWITCHOFFSET(c, '+00:00'), 121), ' +00:00', '+00')",
    "CONVERT(datetimeoffset(7), REPLACE(v, N'+00', N' +00:00'), 121)",
  ],
  [
    'uniqueidentifier',
    16,
    0,
    0,
    'uniqueidentifier',
    'guid',
    'CONVERT(varchar(36), c)',
    'CONVERT(uniqueidentifier, v)',
  ],
  ['nvarchar', 40, 0, 0, 'nvarchar(20)', 'text', 'c', 'v COLLATE Chinese_PRC_CI_AS'],
  ['nvarchar', -1, 0, 0, 'nvarchar(max)', 'text', 'c', 'v COLLATE Chinese_PRC_CI_AS'],
  [
    'varchar',
    20,
    0,
    0,
    'varchar(20)',
    'text',
    'CONVERT(nvarchar(20), c)',
    'CONVERT(varchar(8000), v COLLATE Chinese_PRC_CI_AS)',
  ],
  ['nchar', 20, 0, 0, 'nchar(10)', 'char', 'c', 'v COLLATE Chinese_PRC_CI_AS'],
  [
    'text',
    16,
    0,
    0,
    'text',
    'text',
    'CONVERT(nvarchar(max), c)',
    'CONVERT(varchar(max), v COLLATE Chinese_PRC_CI_AS)',
  ],
  ['varbinary', -1, 0, 0, 'varbinary(max)', 'binary', 'c', 'v'],
  ['timestamp', 8, 0, 0, 'timestamp', 'binary', 'c', 'v'],
  ['time', 5, 16, 7, 'time(7)', 'other', 'CONVERT(varchar(16), c)', 'v'],
  ['xml', -1, 0, 0, 'xml', 'other', 'CONVERT(nvarchar(max), c)', 'v'],
];

const columnOf = (baseType: string, bytes: number, precision: number, scale: number) => ({
  name: 'c',
  ...factsOf({ baseType, bytes, precision, scale }),
  required: false,
  hasDefault: false,
  generated: false,
  collation: /char|text/.test(baseType) ? 'Chinese_PRC_CI_AS' : null,
  comment: null,
});

describe('the type table of SQL Server', () => {
  it.each(types)(
    '%s(%i, %i, %i)',
    (baseType, bytes, precision, scale, nativeType, family, fetched, value) => {
      const column = columnOf(baseType, bytes, precision, scale);
      expect([column.nativeType, column.family]).toEqual([nativeType, family]);
      expect(mssqlDialect.fetched(column, 'c')).toBe(fetched);
      expect(mssqlDialect.valueOf(column, 'v')).toBe(value);
    },
  );

  it('orders by what has an exact text alone', () => {
    const ordered = types.filter(([base, bytes, p, s]) =>
      mssqlDialect.keyText(columnOf(base, bytes, p, s), 'c'),
    );
    expect(ordered.map(([, , , , name]) => name)).toEqual([
      'int',
      'bigint',
      'bit',
      'decimal(38,10)',
      'money',
      'date',
      'datetime2(7)',
      'datetime',
      'datetimeoffset(7)',
      'uniqueidentifier',
      'nvarchar(20)',
      'varchar(20)',
      'nchar(10)',
    ]);
  });

  it.each([
    ['datetime', '2026-01-01 08:00:00.123', true],
    ['datetime', '2026-01-01 08:00:00', true],
    ['datetime', '2026-01-01 08:00:00.99', true],
    ['datetime', '2026-01-01 08:00:00.124', false],
    ['datetime', '2026-01-01 08:00:00.1231', false],
    ['smalldatetime', '2026-01-01 08:01:00', true],
    ['smalldatetime', '2026-01-01 08:00:01', false],
  ] as const)('%s holds %s: %s', (baseType, text, holds) => {
    const item = { name: '', column: 'c', type: 'T' } as const;
    const column = columnOf(baseType, 8, 0, 0);
    const fit = fitSqlColumn(item, column, 'UTC')?.rule?.(text);
    const own = typeof fit === 'string' ? mssqlDialect.ruleFor(item, column)?.(fit) : fit;
    expect(own === text).toBe(holds);
  });

  it('makes tables that hold every canonical value', () => {
    const made = (item: object, key = false) =>
      mssqlDialect.typeFor({ name: '', column: 'c', type: 'C', ...item }, key);
    expect(made({ length: 20 }, true)).toBe('nvarchar(40) COLLATE Latin1_General_BIN2');
    expect(made({ length: 3000 })).toBe('nvarchar(4000)');
    expect(made({})).toBe('nvarchar(max)');
    expect(made({ type: 'Y', precision: 20, scale: 4 })).toBe('decimal(20, 4)');
    expect(made({ type: 'T', instant: true })).toBe('datetimeoffset(7)');
  });
});

import { describe, expect, it } from 'vitest';
import { oracleDialect } from './dialect.js';
import { factsOf } from './native-type.js';

const dialect = oracleDialect({ lockSeconds: 10 });
const FF9 = 'YYYY-MM-DD HH24:MI:SS.FF9';

/** dataType, bytes, characters, precision, scale → native type, family, what is fetched, how a staged text becomes a value. */
const types: readonly (readonly [
  string,
  number,
  number,
  number | null,
  number | null,
  string,
  string,
  string,
  string,
])[] = [
  ['NUMBER', 22, 0, 38, 10, 'NUMBER(38,10)', 'decimal', 'c', 'TO_NUMBER(v)'],
  ['NUMBER', 22, 0, null, null, 'NUMBER', 'decimal', 'c', 'TO_NUMBER(v)'],
  ['NUMBER', 22, 0, null, 0, 'NUMBER(*,0)', 'decimal', 'c', 'TO_NUMBER(v)'],
  ['FLOAT', 22, 0, 126, null, 'FLOAT(126)', 'decimal', 'c', 'TO_NUMBER(v)'],
  ['BINARY_DOUBLE', 8, 0, null, null, 'BINARY_DOUBLE', 'double', 'c', 'v'],
  ['BINARY_FLOAT', 4, 0, null, null, 'BINARY_FLOAT', 'single', 'c', 'TO_BINARY_FLOAT(v)'],
  [
    'DATE',
    7,
    0,
    null,
    null,
    'DATE',
    'wall',
    "LTRIM(TO_CHAR(c, 'SYYYY-MM-DD HH24:MI:SS'))",
    "TO_DATE(SUBSTR(v, 1, 19), 'YYYY-MM-DD HH24:MI:SS')",
  ],
  [
    'TIMESTAMP(6)',
    11,
    0,
    null,
    6,
    'TIMESTAMP(6)',
    'wall',
    `LTRIM(TO_CHAR(c, 'S${FF9}'))`,
    `TO_TIMESTAMP(v, '${FF9}')`,
  ],
  [
    'TIMESTAMP(3) WITH TIME ZONE',
    13,
    0,
    null,
    3,
    'TIMESTAMP(3) WITH TIME ZONE',
    'instant',
    `NVL2(c, LTRIM(TO_CHAR(SYS_EXTRACT_UTC(c), 'S${FF9}')) || '+00', NULL)`,
    `FROM_TZ(TO_TIMESTAMP(SUBSTR(v, 1, LENGTH(v) - 3), '${FF9}'), '+00:00')`,
  ],
  ['VARCHAR2', 80, 20, null, null, 'VARCHAR2(20 CHAR)', 'text', 'c', 'TO_CHAR(v)'],
  ['NVARCHAR2', 40, 20, null, null, 'NVARCHAR2(20)', 'text', 'c', 'TO_NCHAR(v)'],
  ['CHAR', 3, 3, null, null, 'CHAR(3 CHAR)', 'char', 'c', 'CAST(TO_CHAR(v) AS CHAR(3 CHAR))'],
  ['CLOB', 4000, 0, null, null, 'CLOB', 'text', 'c', 'TO_CLOB(v)'],
  ['NCLOB', 4000, 0, null, null, 'NCLOB', 'text', 'c', 'v'],
  ['RAW', 16, 0, null, null, 'RAW(16)', 'binary', 'c', 'v'],
  ['BLOB', 4000, 0, null, null, 'BLOB', 'binary', 'c', 'v'],
  ['XMLTYPE', 2000, 0, null, null, 'XMLTYPE', 'other', 'XMLSERIALIZE(CONTENT c AS CLOB)', 'v'],
];

const columnOf = (
  dataType: string,
  bytes: number,
  characters: number,
  precision: number | null,
  scale: number | null,
) => ({
  name: 'c',
  ...factsOf({ dataType, bytes, characters, countsCharacters: true, precision, scale }),
  required: false,
  hasDefault: false,
  generated: false,
  collation: null,
  comment: null,
});

describe('the type table of Oracle', () => {
  it.each(types)(
    '%s(%i, %i, %s, %s)',
    (type, bytes, characters, precision, scale, nativeType, family, fetched, value) => {
      const column = columnOf(type, bytes, characters, precision, scale);
      expect([column.nativeType, column.family]).toEqual([nativeType, family]);
      expect(dialect.fetched(column, 'c')).toBe(fetched);
      expect(dialect.valueOf(column, 'v')).toBe(value);
    },
  );

  it('counts bytes where the column does', () => {
    const { nativeType } = factsOf({
      dataType: 'VARCHAR2',
      bytes: 30,
      characters: 30,
      countsCharacters: false,
      precision: null,
      scale: null,
    });
    expect(nativeType).toBe('VARCHAR2(30 BYTE)');
  });

  it('measures large values, and orders by none of them', () => {
    const large = types.filter(
      ([type, ...sizes]) => columnOf(type, ...(sizes.slice(0, 4) as [number, number, null, null])).large,
    );
    expect(large.map(([type]) => type)).toEqual(['CLOB', 'NCLOB', 'BLOB', 'XMLTYPE']);
    const unordered = types.filter(
      ([type, b, c, p, s]) => dialect.keyText(columnOf(type, b, c, p, s), 'c') === undefined,
    );
    expect(unordered.map(([type]) => type)).toEqual([
      'BINARY_DOUBLE',
      'BINARY_FLOAT',
      'CLOB',
      'NCLOB',
      'RAW',
      'BLOB',
      'XMLTYPE',
    ]);
  });

  it('makes tables that hold every canonical value, with names no longer than 30 bytes of its own', () => {
    const made = (item: object, key = false) =>
      dialect.typeFor({ name: '', column: 'c', type: 'C', ...item }, key);
    expect(made({ length: 20 }, true)).toBe('NVARCHAR2(40)');
    expect(made({ length: 1001 })).toBe('NCLOB');
    expect(made({ type: 'N', precision: 38, scale: 10 })).toBe('NUMBER(38, 10)');
    expect(made({ type: 'T', instant: true })).toBe('TIMESTAMP(9) WITH TIME ZONE');
    expect(made({ type: 'L' })).toBe('NUMBER(1)');
    expect(dialect.newName('enterprise')).toBe('ENTERPRISE');
    expect(dialect.newName('企业 a')).toBe('企业 a');
  });

  it('lets no FLOAT of few binary digits round a number', () => {
    const item = { name: '', column: 'c', type: 'N' } as const;
    const rule = (bits: number) => dialect.ruleFor(item, columnOf('FLOAT', 22, 0, bits, null));
    expect(rule(126)).toBeUndefined();
    expect(rule(63)?.('123456789012345678')).toBe('123456789012345678');
    expect(rule(63)?.('-1234567890123456789')).toEqual({ reason: 'not-exact' });
    expect(rule(63)?.('1200000000000000000000000')).toBe('1200000000000000000000000');
  });
});

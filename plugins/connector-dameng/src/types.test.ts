import { describe, expect, it } from 'vitest';
import { damengDialect } from './dialect.js';
import { factsOf, isLong, type StoredType } from './native-type.js';

const dialect = damengDialect({ lockSeconds: 10 });
const FF6 = 'YYYY-MM-DD HH24:MI:SS.FF6';
const time = (name: string, format: string, more = '') =>
  `CASE WHEN ${name} IS NULL THEN NULL ELSE CASE WHEN EXTRACT(YEAR FROM ${name}) < 1 THEN '-' ELSE '' END || TO_CHAR(${name}, '${format}')${more} END`;
const zoned = (format: string) => `TO_TIMESTAMP_TZ(REPLACE(v, '+00', ' +00:00'), '${format} TZH:TZM')`;

interface Vector {
  readonly is: Partial<StoredType> & { readonly dataType: string };
  /** Native type, family, fetched from `c`, made of the text `v`, staged as. */
  readonly becomes: readonly [string, string, string, string, string];
}
const vectors: readonly Vector[] = [
  { is: { dataType: 'INT' }, becomes: ['INT', 'integer', 'c', 'CAST(v AS INT)', 'VARCHAR(60)'] },
  { is: { dataType: 'BIGINT' }, becomes: ['BIGINT', 'integer', 'c', 'CAST(v AS BIGINT)', 'VARCHAR(60)'] },
  {
    is: { dataType: 'DECIMAL', precision: 38, scale: 10 },
    becomes: ['DECIMAL(38,10)', 'decimal', 'c', 'CAST(v AS DECIMAL(38,10))', 'VARCHAR(60)'],
  },
  {
    is: { dataType: 'NUMBER', precision: 0, scale: 0 },
    becomes: ['NUMBER', 'decimal', 'c', 'CAST(v AS NUMBER)', 'VARCHAR(60)'],
  },
  { is: { dataType: 'DOUBLE' }, becomes: ['DOUBLE', 'double', 'c', 'CAST(v AS DOUBLE)', 'DOUBLE'] },
  { is: { dataType: 'REAL' }, becomes: ['REAL', 'single', 'c', 'CAST(v AS REAL)', 'DOUBLE'] },
  { is: { dataType: 'BIT' }, becomes: ['BIT', 'boolean', 'c', 'CAST(v AS BIT)', 'VARCHAR(60)'] },
  {
    is: { dataType: 'DATE' },
    becomes: ['DATE', 'date', time('c', 'YYYY-MM-DD'), `TO_DATE(v, 'YYYY-MM-DD')`, 'VARCHAR(60)'],
  },
  {
    is: { dataType: 'TIMESTAMP', scale: 6 },
    becomes: ['TIMESTAMP(6)', 'wall', time('c', FF6), `TO_TIMESTAMP(v, '${FF6}')`, 'VARCHAR(60)'],
  },
  {
    is: { dataType: 'DATETIME', scale: 0 },
    becomes: ['DATETIME(0)', 'wall', time('c', FF6), `TO_TIMESTAMP(v, '${FF6}')`, 'VARCHAR(60)'],
  },
  {
    is: { dataType: 'TIMESTAMP WITH TIME ZONE', scale: 9 },
    becomes: [
      'TIMESTAMP(9) WITH TIME ZONE',
      'instant',
      time('SYS_EXTRACT_UTC(c)', 'YYYY-MM-DD HH24:MI:SS.FF9', ` || '+00'`),
      zoned('YYYY-MM-DD HH24:MI:SS.FF9'),
      'VARCHAR(60)',
    ],
  },
  {
    is: { dataType: 'TIMESTAMP WITH LOCAL TIME ZONE', scale: 4102 },
    becomes: [
      'TIMESTAMP(6) WITH LOCAL TIME ZONE',
      'instant',
      time('SYS_EXTRACT_UTC(c)', FF6, ` || '+00'`),
      zoned(FF6),
      'VARCHAR(60)',
    ],
  },
  {
    is: { dataType: 'VARCHAR', bytes: 50, characters: 50, used: 'B' },
    becomes: ['VARCHAR(50 BYTE)', 'text', 'c', 'v', 'VARCHAR(50 BYTE)'],
  },
  {
    is: { dataType: 'VARCHAR2', bytes: 80, characters: 20, used: 'C' },
    becomes: ['VARCHAR2(20 CHAR)', 'text', 'c', 'v', 'VARCHAR2(20 CHAR)'],
  },
  {
    is: { dataType: 'NVARCHAR2', bytes: 20, characters: 20 },
    becomes: ['NVARCHAR2(20)', 'text', 'c', 'v', 'NVARCHAR2(20)'],
  },
  {
    is: { dataType: 'VARCHAR', bytes: 8188, characters: 8188, used: 'B' },
    becomes: ['VARCHAR(8188 BYTE)', 'text', 'c', 'TO_CHAR(v)', 'CLOB'],
  },
  {
    is: { dataType: 'CHAR', bytes: 3, characters: 3, used: 'B' },
    becomes: ['CHAR(3 BYTE)', 'char', 'c', 'v', 'VARCHAR(3 BYTE)'],
  },
  { is: { dataType: 'TEXT', bytes: 2147483647 }, becomes: ['TEXT', 'text', 'c', 'v', 'CLOB'] },
  { is: { dataType: 'CLOB', bytes: 2147483647 }, becomes: ['CLOB', 'text', 'c', 'v', 'CLOB'] },
  {
    is: { dataType: 'VARBINARY', bytes: 16 },
    becomes: ['VARBINARY(16)', 'binary', 'c', 'v', 'VARBINARY(16)'],
  },
  { is: { dataType: 'BLOB', bytes: 2147483647 }, becomes: ['BLOB', 'binary', 'c', 'v', 'BLOB'] },
  {
    is: { dataType: 'TIME', scale: 0 },
    becomes: ['TIME', 'other', 'CAST(c AS VARCHAR)', 'v', 'VARCHAR(60)'],
  },
];

const columnOf = (is: Vector['is']) => ({
  name: 'c',
  ...factsOf({ bytes: null, characters: null, used: null, precision: null, scale: null, ...is }),
  required: false,
  hasDefault: false,
  generated: false,
  collation: null,
  comment: null,
});

describe('the type table of Dameng', () => {
  it.each(vectors)('$becomes.0', ({ is, becomes }) => {
    const column = columnOf(is);
    expect([
      column.nativeType,
      column.family,
      dialect.fetched(column, 'c'),
      dialect.valueOf(column, 'v'),
      dialect.stageAs(column).type,
    ]).toEqual(becomes);
  });

  it('knows how many characters fit only where they are counted', () => {
    const length = (is: Vector['is']) => columnOf(is).length;
    expect(length({ dataType: 'VARCHAR', bytes: 50, characters: 50, used: 'B' })).toBeNull();
    expect(length({ dataType: 'VARCHAR', bytes: 200, characters: 50, used: 'C' })).toBe(50);
    expect(length({ dataType: 'VARBINARY', bytes: 16 })).toBe(16);
  });

  it('measures large values, and orders by none of them, nor by floats and bytes', () => {
    const names = (wanted: (column: ReturnType<typeof columnOf>) => boolean) =>
      vectors.filter(({ is }) => wanted(columnOf(is))).map(({ becomes: [name] }) => name);
    expect(names(({ large }) => large)).toEqual(['TEXT', 'CLOB', 'BLOB']);
    expect(names(isLong)).toEqual(expect.arrayContaining(['VARCHAR(8188 BYTE)', 'TEXT', 'CLOB', 'BLOB']));
    expect(names((column) => dialect.keyText(column, 'c') === undefined)).toEqual([
      'DOUBLE',
      'REAL',
      'BIT',
      'TEXT',
      'CLOB',
      'VARBINARY(16)',
      'BLOB',
      'TIME',
    ]);
  });

  it('makes tables whose columns count characters and fit into the smallest page', () => {
    const made = (item: object, key = false) =>
      dialect.typeFor({ name: '', column: 'c', type: 'C', ...item }, key);
    expect(made({ length: 20 })).toBe('VARCHAR(20 CHAR)');
    expect(made({ length: 401 })).toBe('CLOB');
    expect(made({ length: 300 }, true)).toBe('VARCHAR(200 CHAR)');
    expect(made({ type: 'N', precision: 38, scale: 10 })).toBe('DECIMAL(38, 10)');
    expect(made({ type: 'T', instant: true })).toBe('TIMESTAMP(6) WITH TIME ZONE');
    expect(dialect.newName('enterprise')).toBe('ENTERPRISE');
    expect(dialect.newName('企业 a')).toBe('企业 a');
    expect(dialect.stageDdl('s', 'kept', ['a INT'])).toBe('CREATE TABLE s (a INT) STORAGE(USING LONG ROW)');
  });
});

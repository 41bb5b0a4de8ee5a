import type { CatalogItem } from '@qianzhi/model';
import { typeTable } from '@qianzhi/rows';

/** Values of one item that a connector must carry exactly; every vector is also tried with NULL. */
export interface ValueVector {
  /** Name for `ConnectorHarness.unsupportedValues`. */
  readonly name: string;
  readonly item: CatalogItem;
  readonly texts: readonly string[];
}

type ItemShape = Omit<CatalogItem, 'name' | 'column'>;

function vector(name: string, shape: ItemShape, texts: readonly string[]): ValueVector {
  return { name, item: { name: '值', column: 'value', ...shape }, texts };
}

const allBytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('hex');
const mebibyte = '政务数据共享\t交换 🏛️ data\\'.repeat(30_000).slice(0, 1024 * 1024);

const hardValues: readonly ValueVector[] = [
  vector('decimal-38-digits', { type: 'N', precision: 38, scale: 10 }, [
    '9999999999999999999999999999.9999999999',
    '-9999999999999999999999999999.9999999999',
    '1234567890123456789012345678.0123456789',
    '0.0000000001',
    '0.0000000000',
  ]),
  vector('decimal-scale', { type: 'N', precision: 18, scale: 2 }, [
    '0.10',
    '100.00',
    '-0.01',
    '9999999999999999.99',
  ]),
  vector('money', { type: 'Y', precision: 20, scale: 4 }, [
    '922337203685477.5807',
    '-922337203685477.5808',
    '0.0001',
  ]),
  vector('integer-64-bit', { type: 'I' }, [
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
    '-9007199254740993',
    '0',
    '-1',
  ]),
  vector('date-years', { type: 'D' }, ['0001-01-01', '1582-10-10', '1900-02-28', '2024-02-29', '9999-12-31']),
  vector('datetime-microseconds', { type: 'T' }, [
    '0001-01-01 00:00:00',
    '1986-05-04 00:30:00',
    '2026-01-01 08:00:00.123456',
    '2026-03-29 02:30:00.1',
    '9999-12-31 23:59:59.999999',
  ]),
  vector('text-rare-characters', { type: 'C', length: 100 }, [
    '䶮',
    '𠮷野家𪚥',
    '🏛️👨‍👩‍👧‍👦😀',
    'e\u0301 é',
    '\ue000\uf8ff\u{f0000}',
    '\ufffd',
    '\ufeff前',
    '\u200b\u200f\u2028\u0001\u007f\u0085',
  ]),
  vector('text-escapes', { type: 'C', length: 100 }, [
    '\t',
    '\n',
    '\r\n',
    '\\',
    '\\N',
    '\\\\N',
    '\\.',
    '\\t',
    'a\tb\nc\\d\re',
    '\b\f\v',
    `'; DROP TABLE x; -- "" \`\` %s $1 {}`,
  ]),
  vector('text-blanks', { type: 'C', length: 100 }, [' ', ' 前', '后 ', '  两  ', '\u3000']),
  vector('text-empty', { type: 'C', length: 100 }, ['', 'NULL', 'null', '\\N']),
  vector('text-1-mebibyte', { type: 'M' }, [mebibyte]),
  vector('binary', { type: 'G' }, ['\\x', '\\x00', `\\x${allBytes}`, '\\x5c4e0a09']),
  vector('boolean', { type: 'L' }, ['t', 'f']),
  vector('double', { type: 'B' }, ['0.1', '-2.5', '0.30000000000000004', '123456.789']),
];

/** The vectors of the type table of `@qianzhi/rows`, one for each distinct item: `type-T`, `type-T-instant`, … */
function typeVectors(): ValueVector[] {
  const vectors = new Map<string, ValueVector>();
  for (const { item, text } of typeTable.flatMap((type) => type.valid)) {
    const name = vectorName(item);
    const known = vectors.get(name);
    vectors.set(name, vector(name, item, [...(known?.texts ?? []), text]));
  }
  return [...vectors.values()];
}

function vectorName({ type, ...rest }: ItemShape): string {
  const marks = Object.entries(rest).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [name] : [`${name}-${[value].flat().join('-')}`];
  });
  return ['type', type, ...marks].join('-');
}

export const valueVectors: readonly ValueVector[] = [...hardValues, ...typeVectors()];

import type { Dice } from '../seed.js';

export type Row = readonly (string | null)[];

/** Keys of a table: few enough to be deleted, met again and exchanged; no two that only blanks or case tell apart. */
export const keys: readonly string[] = Array.from({ length: 400 }, (_, n) => {
  const forms = [`k${n}`, `键 ${n}`, `'${n}"`, `${n}\t\\N`, `😀${n}`, `\n${n}`, `${n};--`, `\\t${n}`];
  return forms[n % forms.length]!;
});

const texts = [
  ...['', ' ', '  ', 'x ', ' x', '\t', '\n', '\r\n', '\\', '\\N', '\\.', '\\t', '\\\\', 'a\tb\nc\\d\r'],
  ...['NULL', 'null', "'", '"', '`', '%s', '$1', '?', "'; DROP TABLE x; --", '=1+1', '0', '007', '1.50'],
  ...[
    '惠州市',
    '䶮',
    '𠮷𪚥',
    '😀👨‍👩‍👧',
    '\u3000',
    '\u00a0',
    '\u200b',
    'e\u0301',
    'é',
    'שלום',
    '\ue000',
    '\ufffd',
  ],
];
const decimals = [
  ...['0.000000', '0.000001', '-0.000001', '1.500000', '100.000000', '-7.250000'],
  ...[
    '999999999999999999999999.999999',
    '-999999999999999999999999.999999',
    '123456789012345678901234.567890',
  ],
];
const bigs = ['0', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808', '1000000'];
const times = [
  ...[
    '1970-01-01 00:00:00',
    '2026-11-26 08:00:00.1',
    '2026-11-26 08:00:00.123456',
    '9999-12-31 23:59:59.999999',
  ],
  ...['1582-10-10 12:00:00', '2038-01-19 03:14:08', '1940-06-03 00:30:00', '1000-01-01 00:00:00.000001'],
];

/** What a legacy program may have in the columns behind the key. */
export function randomValues(dice: Dice): Row {
  const or = (make: () => string) => (dice.next() < 0.12 ? null : make());
  return [
    or(() => dice.pick(texts) + (dice.next() < 0.5 ? dice.below(1000) : dice.pick(texts))),
    or(() => (dice.next() < 0.5 ? dice.pick(decimals) : `${dice.below(1e9)}.${digits(dice, 6)}`)),
    or(() => (dice.next() < 0.5 ? dice.pick(bigs) : String(dice.below(1e9)))),
    or(() => dice.pick(times)),
    or(() => dice.pick(texts) + (dice.next() < 0.1 ? long(dice) : dice.pick(texts))),
  ];
}

const digits = (dice: Dice, count: number) => Array.from({ length: count }, () => dice.below(10)).join('');

/** Long and hard to compress: PostgreSQL keeps it apart from its row. */
const long = (dice: Dice) => Array.from({ length: 900 }, () => dice.below(2 ** 32).toString(36)).join('政');

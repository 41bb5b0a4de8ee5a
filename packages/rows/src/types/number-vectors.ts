import type { TypedItem } from './canonical-text.js';
import type { TypeVectors } from './type-table.js';
import { invalid, respelled, valid } from './vectors.js';

const digits38 = '12345678901234567890123456789012345678';
const beyondDouble = '9007199254740993';
const money: TypedItem = { type: 'Y', precision: 6, scale: 2 };
const wide: TypedItem = { type: 'N', precision: 38, scale: 10 };
const free: TypedItem = { type: 'N' };
const whole: TypedItem = { type: 'N', precision: 3, scale: 0 };
const special: TypedItem = { type: 'N', scale: 1, allow: ['nan', 'infinity'] };
const integer: TypedItem = { type: 'I' };
const double: TypedItem = { type: 'B' };
const float: TypedItem = { type: 'F' };
const specialDouble: TypedItem = { type: 'B', allow: ['nan', 'infinity'] };

const notDecimal = [
  '',
  '-',
  '.',
  '1.',
  '.5',
  '+1',
  '01.50',
  '00',
  '1e3',
  '1,000.00',
  ' 1.00',
  '1.00 ',
  '1.0.0',
  '0x1',
  '１',
];

export const numberTypes: readonly TypeVectors[] = [
  {
    type: 'N',
    name: { zh: '数值型', en: 'numeric' },
    canonical: "exact decimal text, padded to the catalog's scale; without a scale as the source has it",
    valid: [
      ...valid(
        wide,
        '0.0000000000',
        '1234567890123456789012345678.0123456789',
        '-9999999999999999999999999999.9999999999',
      ),
      ...valid(free, '0', '-1.50', digits38, `0.${digits38}`),
      ...valid(whole, '999', '-7'),
      ...valid(special, 'NaN', 'Infinity', '-Infinity', '1.5'),
    ],
    invalid: [
      ...invalid(wide, 'too-many-digits', '0.00000000001', '12345678901234567890123456789.0123456789'),
      ...invalid(wide, 'type', ...notDecimal, '1', '1.5', '-0.0000000000', 'nan', 'inf'),
      ...invalid(wide, 'special-value', 'NaN', 'Infinity', '-Infinity'),
      ...invalid(free, 'type', ...notDecimal.filter((text) => text !== '1.00'), '-0', '-0.0'),
      ...invalid(whole, 'too-many-digits', '1000', '1.5'),
    ],
    respelled: [
      ...respelled(
        wide,
        ['1', '1.0000000000'],
        ['.5', '0.5000000000'],
        ['-0', '0.0000000000'],
        ['+007.5', '7.5000000000'],
      ),
      ...respelled(
        wide,
        ['1.5E+3', '1500.0000000000'],
        ['15e-4', '0.0015000000'],
        ['0.123456789012', '0.123456789012'],
      ),
      ...respelled(wide, ['0.12345678900000', '0.1234567890'], ['abc', 'abc'], ['', '']),
      ...respelled(free, ['1.50', '1.50'], ['1e2', '100'], ['-0.0', '0.0']),
      ...respelled(whole, ['12.000', '12'], ['12.5', '12.5']),
      ...respelled(special, ['nan', 'NaN'], ['inf', 'Infinity'], ['-inf', '-Infinity']),
    ],
  },
  {
    type: 'Y',
    name: { zh: '货币型', en: 'money' },
    canonical: 'as 数值型',
    valid: valid(money, '0.00', '-0.01', '9999.99'),
    invalid: [
      ...invalid(money, 'too-many-digits', '10000.00', '1.234', '1.230'),
      ...invalid(money, 'type', ...notDecimal, '1', '1.2', '-0.00', '¥1.00'),
    ],
    respelled: respelled(money, ['1', '1.00'], ['1.2', '1.20'], ['1.2300', '1.23'], ['1.234', '1.234']),
  },
  {
    type: 'I',
    name: { zh: '整型', en: 'integer' },
    canonical: 'decimal digits of any number, `-` before a negative',
    valid: valid(integer, '0', '-1', beyondDouble, `-${digits38}`, digits38.repeat(10)),
    invalid: invalid(integer, 'type', '', '-', '-0', '01', '+1', '1.0', '1e3', ' 1', 'NaN', 'Infinity'),
    respelled: respelled(
      integer,
      ['007', '7'],
      ['+1', '1'],
      ['-0', '0'],
      ['12.0', '12'],
      ['1e3', '1000'],
      ['1.5', '1.5'],
    ),
  },
  {
    type: 'B',
    name: { zh: '双精度型', en: 'double' },
    canonical:
      'the shortest text that reads back as the same double, as ECMAScript prints it; `-0` for negative zero',
    valid: [
      ...valid(double, '0', '-0', '0.1', '-1.5', '1e+21', '1e-7', '5e-324', '1.7976931348623157e+308'),
      ...valid(double, '123456789012345680000', '0.000001', '0.30000000000000004'),
      ...valid(specialDouble, 'NaN', 'Infinity', '-Infinity'),
    ],
    invalid: [
      ...invalid(
        double,
        'type',
        '',
        '-',
        '1.0',
        '0.10',
        '1e21',
        '1E+21',
        '01',
        '.5',
        '5.',
        '0.0000001',
        '-0.0',
        '+1',
      ),
      ...invalid(double, 'type', '0.1000000000000000055', '9007199254740993', '1e400', 'nan'),
      ...invalid(double, 'special-value', 'NaN', 'Infinity', '-Infinity'),
    ],
    respelled: [
      ...respelled(
        double,
        ['1.0', '1'],
        ['1e+15', '1000000000000000'],
        ['1e-07', '1e-7'],
        ['1E21', '1e+21'],
        ['-0.0', '-0'],
      ),
      ...respelled(double, ['0.1000000000000000055', '0.1000000000000000055'], ['1e400', '1e400']),
      ...respelled(specialDouble, ['nan', 'NaN'], ['inf', 'Infinity']),
    ],
  },
  {
    type: 'F',
    name: { zh: '浮点型', en: 'float' },
    canonical: 'as 双精度型, from the shortest text of the source',
    valid: valid(float, '0.1', '16777216', '3.4028235e+38'),
    invalid: invalid(float, 'type', '0.10', '1e2', 'x'),
    respelled: respelled(float, ['1.50', '1.5'], ['3.4028235E38', '3.4028235e+38']),
  },
];

import type { TypedItem } from './canonical-text.js';
import type { TypeVectors } from './type-table.js';
import { invalid, respelled, valid } from './vectors.js';

const char: TypedItem = { type: 'C', length: 4 };
const fixed: TypedItem = { type: 'C', length: 4, fixedLength: true };
const memo: TypedItem = { type: 'M' };
const binary: TypedItem = { type: 'G', length: 3 };
const logical: TypedItem = { type: 'L' };

export const textTypes: readonly TypeVectors[] = [
  {
    type: 'C',
    name: { zh: '字符型', en: 'character' },
    canonical: 'the text itself; length in code points; fixed-length char without trailing blanks',
    valid: [
      ...valid(char, '', '惠州市区', '𠮷𠮷𠮷𠮷', ' ab ', '\t\n\r\\', 'e\u0301o'),
      ...valid(fixed, 'ab', ' ab', ''),
    ],
    invalid: [
      ...invalid(char, 'too-long', '惠州市城区', '𠮷𠮷𠮷𠮷𠮷', '     '),
      ...invalid(fixed, 'type', 'ab ', ' '),
    ],
    respelled: [
      ...respelled(fixed, ['ab  ', 'ab'], ['    ', ''], ['ab\t', 'ab\t']),
      ...respelled(char, ['ab  ', 'ab  ']),
    ],
  },
  {
    type: 'M',
    name: { zh: '备注型', en: 'memo' },
    canonical: 'the text itself, of any length',
    valid: valid(memo, '', '备注\n第二行\t\\N', '\\N', 'a'.repeat(100_000)),
    invalid: [],
    respelled: respelled(memo, ['  x  ', '  x  ']),
  },
  {
    type: 'G',
    name: { zh: '通用型', en: 'binary' },
    canonical: '`\\x` and lower-case hex (`\\\\x` in row text); length in bytes',
    valid: valid(binary, '\\x', '\\x00', '\\xff00ab'),
    invalid: [
      ...invalid(binary, 'type', '', 'ff', '\\xFF', '\\xf', '\\xfg', '0xff'),
      ...invalid(binary, 'too-long', '\\x00112233'),
    ],
    respelled: respelled(binary, ['\\xFF', '\\xff'], ['0xAB', '\\xab']),
  },
  {
    type: 'L',
    name: { zh: '逻辑型', en: 'logical' },
    canonical: '`t` or `f`',
    valid: valid(logical, 't', 'f'),
    invalid: invalid(logical, 'type', '', 'T', 'true', '1', 'tf', '是'),
    respelled: respelled(
      logical,
      ['true', 't'],
      ['TRUE', 't'],
      ['1', 't'],
      ['false', 'f'],
      ['0', 'f'],
      ['2', '2'],
    ),
  },
];

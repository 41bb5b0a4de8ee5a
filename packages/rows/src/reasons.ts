import type { Language } from '@qianzhi/model';

/** Why a row was rejected. A closed list: the platform sees only these, counts and item names. */
export const rejectReasons = {
  'row-too-large': { zh: '整行超过长度上限', en: 'the row is over the size limit' },
  malformed: { zh: '行文本格式不规范', en: 'the row is not canonical row text' },
  'invalid-utf8': { zh: '含无效字符编码', en: 'holds bytes that are no valid UTF-8' },
  'nul-character': { zh: '含空字符(U+0000)', en: 'holds the character U+0000' },
  required: { zh: '必填项为空', en: 'a required value is null' },
  type: { zh: '不是该类型的规范值', en: 'is no canonical value of its type' },
  'no-such-date': { zh: '日期或时间不存在', en: 'is no real date or time' },
  'special-value': {
    zh: '零日期、无穷或非数值未被允许',
    en: 'zero date, infinity or NaN is not allowed here',
  },
  'too-long': { zh: '超过长度', en: 'is longer than the catalog allows' },
  'too-many-digits': { zh: '超过精度或小数位', en: 'has more digits than precision or scale allow' },
  'below-minimum': { zh: '小于最小值', en: 'is below the minimum' },
  'above-maximum': { zh: '大于最大值', en: 'is above the maximum' },
  'unknown-code': { zh: '不在代码表中', en: 'is not in the code table' },
  pattern: { zh: '不符合格式要求', en: 'does not match the pattern' },
  identifier: { zh: '标识号码校验不通过', en: 'fails the identifier check' },
  'delete-without-key': { zh: '删除行缺少主键', en: 'a delete row lacks its key' },
  'delete-with-values': { zh: '删除行含主键以外的值', en: 'a delete row carries more than its key' },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;
export type RejectReason = keyof typeof rejectReasons;

/** Why a stored row is flagged: carried unchanged, worth a look. */
export const flagReasons = {
  'private-use': { zh: '含私用区字符', en: 'holds a private-use character' },
  'replacement-character': { zh: '含替换字符(U+FFFD)', en: 'holds the replacement character U+FFFD' },
  identifier: { zh: '标识号码校验不通过', en: 'fails the identifier check' },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;
export type FlagReason = keyof typeof flagReasons;

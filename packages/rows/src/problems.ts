import type { ErrorDetails } from '@qianzhi/model';

/** What exactly was found, in both languages: fills `{problem}` and `{problemZh}` of the errors' texts. */
export type Problem = Readonly<Record<'problem' | 'problemZh', string>> & ErrorDetails;

export const rowProblems = {
  op: { problem: 'the op is not S, U or D', problemZh: '操作标记不是 S、U 或 D' },
  fields: { problem: 'the row has another number of fields', problemZh: '字段数与模式版本不符' },
  cr: { problem: 'it holds a raw CR', problemZh: '含未转义的回车' },
  escape: { problem: 'it holds an unknown escape', problemZh: '含未知的转义' },
  utf8: { problem: 'the bytes are no valid UTF-8', problemZh: '不是有效的 UTF-8' },
  nul: { problem: 'it holds U+0000', problemZh: '含空字符 U+0000' },
  end: { problem: 'the last row does not end with LF', problemZh: '最后一行没有以换行结束' },
} as const satisfies Record<string, Problem>;

export const frameProblems = {
  cut: { problem: 'it is cut off', problemZh: '内容不完整' },
  magic: { problem: 'it does not begin with a zstd frame', problemZh: '不是 zstd 帧' },
  reserved: { problem: 'a reserved bit is set', problemZh: '保留位被置位' },
  dictionary: { problem: 'it wants a dictionary', problemZh: '使用了字典' },
  block: { problem: 'a block is damaged', problemZh: '数据块损坏' },
  trailing: { problem: 'bytes follow the frame', problemZh: '帧后还有其他字节' },
  noSize: { problem: 'it does not say its content size', problemZh: '没有声明内容大小' },
  overCap: { problem: 'its content is over the cap', problemZh: '内容超过上限' },
  otherSize: { problem: 'its content size is not the declared one', problemZh: '内容大小与清单不符' },
  window: { problem: 'its window is too large', problemZh: '窗口过大' },
  blocks: { problem: 'its blocks do not fit its content size', problemZh: '数据块与内容大小不符' },
  damaged: { problem: 'it is damaged', problemZh: '内容损坏' },
} as const satisfies Record<string, Problem>;

export const itemProblems = {
  codeTable: { problem: 'its code table is missing', problemZh: '缺少所引用的代码表' },
  pattern: { problem: 'its pattern is no regular expression', problemZh: '格式要求不是正则表达式' },
  idType: {
    problem: 'its idTypeColumn is no item of the resource',
    problemZh: '证件类型列不是该资源的信息项',
  },
  timeBound: {
    problem: 'min or max is no canonical value of its type',
    problemZh: '最小值或最大值不是该类型的规范值',
  },
  numberBound: { problem: 'min or max is no plain number', problemZh: '最小值或最大值不是普通数字' },
  noBound: { problem: 'its type takes no min or max', problemZh: '该类型不能设最小值或最大值' },
  digits: { problem: 'its scale is larger than its precision', problemZh: '小数位数大于精度' },
} as const satisfies Record<string, Problem>;

export const grantProblems = {
  unknown: { problem: 'the resource has no such item', problemZh: '该资源没有此信息项' },
  type: { problem: 'the mask does not fit its type', problemZh: '脱敏规则不适用于其类型' },
  key: { problem: 'a pseudonym key of 32 bytes is missing', problemZh: '缺少 32 字节的假名密钥' },
} as const satisfies Record<string, Problem>;

import { defineErrors } from '@qianzhi/model';

/** What a batch holds against what its manifest says. */
export const contentErrors = defineErrors('PLATFORM', {
  BATCH_SIZE: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批的 {what} 为 {found} 字节,应为 {wanted}',
      hint: '批次已拒收;检查链路是否截断内容,然后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'batch {seq} of {stream}: {what} is {found} bytes, not {wanted}',
      hint: 'the batch is refused; see whether the line cuts content, then run `qianzhi stream resume {resource}`',
    },
  },
  BYTES_DIFFER: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批的字节与清单摘要不符',
      hint: '内容在途中被改动,批次已拒收;检查链路后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'the bytes of batch {seq} of {stream} do not fit the digest in its manifest',
      hint: 'they were changed on the way and are refused; check the line, then run `qianzhi stream resume {resource}`',
    },
  },
  ROWS_DIFFER: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批的行内容与清单所列行摘要不符',
      hint: '批次已拒收,原件请保留备查;查明后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'the rows of batch {seq} of {stream} do not fit the rows digest in its manifest',
      hint: 'the batch is refused, keep it as evidence; then run `qianzhi stream resume {resource}`',
    },
  },
  ROWS_COUNT: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批实有 {found} 行,清单称 {declared} 行',
      hint: '批次已拒收,原件请保留备查;查明后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'batch {seq} of {stream} holds {found} rows, its manifest says {declared}',
      hint: 'the batch is refused, keep it as evidence; then run `qianzhi stream resume {resource}`',
    },
  },
  COUNTS_UNBALANCED: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批计数不平:读取 {read} ≠ 入库 {rows} + 拒绝 {rejected}',
      hint: '批次已拒收;查明后执行 qianzhi stream resume {resource}',
    },
    en: {
      message:
        'the counts of batch {seq} of {stream} do not balance: read {read} is not rows {rows} + rejected {rejected}',
      hint: 'the batch is refused; find out why, then run `qianzhi stream resume {resource}`',
    },
  },
  OP_WRONG: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批类型为 {batchKind},却含 {count} 行不允许的操作 {ops}',
      hint: '批次已拒收;查明后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'batch {seq} of {stream} is a {batchKind} but holds {count} rows with op {ops}',
      hint: 'the batch is refused; find out why, then run `qianzhi stream resume {resource}`',
    },
  },
  FILE_WRONG: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批的文件不予接收:{problem}',
      hint: '批次已拒收;查明后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'the file in batch {seq} of {stream} is refused: {problem}',
      hint: 'find out why, then run `qianzhi stream resume {resource}`',
    },
  },
  FILES_NOT_GRANTED: {
    kind: 'denied',
    zh: {
      message: '授权 {agreement} 不含资源 {resource} 的文件',
      hint: '重新申请使用:qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message: 'agreement {agreement} does not grant the files of resource {resource}',
      hint: 'apply anew with `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
});

import { defineErrors } from '@qianzhi/model/errors';

/** Details name rows, fields and sizes; never a value. */
export const rowsErrors = defineErrors('ROWS', {
  MALFORMED: {
    kind: 'integrity',
    zh: {
      message: '检查行文本:第 {row} 行第 {field} 个字段不规范:{problemZh}',
      hint: '该批次已拒收;修正来源后执行 qianzhi stream resume',
    },
    en: {
      message: 'checking row text: row {row}, field {field} is not canonical: {problem}',
      hint: 'the batch is refused; correct its source, then run `qianzhi stream resume`',
    },
  },
  FRAME: {
    kind: 'integrity',
    zh: {
      message: '解压批次:压缩帧不可接受:{problemZh}',
      hint: '该批次已拒收,原件请保留备查;确认发送方后执行 qianzhi stream resume',
    },
    en: {
      message: 'decompressing a batch: the frame is refused: {problem}',
      hint: 'the batch is refused, keep it as evidence; look at its sender, then run `qianzhi stream resume`',
    },
  },
  RESOURCE: {
    kind: 'config',
    zh: {
      message: '编译目录 {resource} 的校验:信息项 {column} 的定义有误:{problemZh}',
      hint: '改正目录条目后执行 qianzhi catalog publish 文件',
    },
    en: {
      message: 'compiling the checks of resource {resource}: item {column} is defined wrongly: {problem}',
      hint: 'correct the catalog entry, then run `qianzhi catalog publish FILE`',
    },
  },
  GRANT: {
    kind: 'config',
    zh: {
      message: '编译资源 {resource} 的授权投影:列 {column} 不可用:{problemZh}',
      hint: '按该资源的信息项重新申请:qianzhi agreement apply {resource} --item 信息项 --matter 事项',
    },
    en: {
      message: 'compiling a grant on resource {resource}: column {column} cannot be used: {problem}',
      hint: 'apply again with items of this resource: `qianzhi agreement apply {resource} --item ITEM --matter MATTER`',
    },
  },
  THREAD_BROKEN: {
    kind: 'internal',
    zh: {
      message: '处理批次的线程中断:{reason}',
      hint: '将自动重试;反复出现时检查内存并执行 qianzhi doctor',
    },
    en: {
      message: 'the thread that handles batches broke off: {reason}',
      hint: 'it is tried again by itself; if it goes on, look at the memory and run `qianzhi doctor`',
    },
  },
});

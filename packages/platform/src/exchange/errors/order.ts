import { defineErrors } from '@qianzhi/model';

/** Of streams: their epochs, sequence and snapshots. */
export const orderErrors = defineErrors('PLATFORM', {
  STREAM_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '平台没有数据流 {stream}', hint: '查看已有数据流:qianzhi stream list' },
    en: {
      message: 'the platform has no stream {stream}',
      hint: 'see the streams with `qianzhi stream list`',
    },
  },
  STREAM_BUSY: {
    kind: 'unavailable',
    zh: { message: '数据流 {stream} 在途批次过多', hint: '自动退避后重送' },
    en: {
      message: 'too many batches of {stream} are under way at once',
      hint: 'they are sent again by themselves',
    },
  },
  BATCH_CONFLICT: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批已存,内容不同的同号批次已拒收',
      hint: '前置机状态可能被回退;查明原因后执行 qianzhi agent recover 开启新纪元',
    },
    en: {
      message:
        'batch {seq} of {stream} is stored already; another content under the same identity is refused',
      hint: 'the agent may have been restored to an older state; find out why, then run `qianzhi agent recover`',
    },
  },
  SEQUENCE_GAP: {
    kind: 'conflict',
    zh: {
      message: '数据流 {stream}:收到第 {seq} 批,应为第 {expected} 批',
      hint: '前置机将自第 {expected} 批起重送;若已不存,执行 qianzhi agent recover',
    },
    en: {
      message: 'stream {stream}: batch {seq} came, batch {expected} is expected',
      hint: 'the agent sends again from {expected}; if it no longer has it, run `qianzhi agent recover`',
    },
  },
  PREVIOUS_DIFFERS: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批不接续平台所存的前一批清单',
      hint: '清单链断裂;查明原因后执行 qianzhi agent recover',
    },
    en: {
      message: 'batch {seq} of {stream} does not follow the manifest the platform holds before it',
      hint: 'the chain of manifests is broken; find out why, then run `qianzhi agent recover`',
    },
  },
  SNAPSHOT_ORDER: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批不合快照次序:{problemZh}',
      hint: '批次已拒收;开启新纪元并重新全量:qianzhi agent recover',
    },
    en: {
      message: 'batch {seq} of {stream} breaks the order of its snapshot: {problem}',
      hint: 'the batch is refused; begin again in a new epoch with `qianzhi agent recover`',
    },
  },
  EPOCH_CLOSED: {
    kind: 'conflict',
    zh: {
      message: '数据流 {stream} 的纪元已关闭,须在纪元 {open} 继续',
      hint: '执行 qianzhi agent recover,以全量开始新的纪元;同一身份只应有一台前置机在运行',
    },
    en: {
      message: 'the epoch of {stream} is closed; it goes on in epoch {open}',
      hint: 'run `qianzhi agent recover`, which begins the new epoch with a whole copy; one identity runs once',
    },
  },
  EPOCH_UNKNOWN: {
    kind: 'conflict',
    zh: {
      message: '数据流 {stream} 的纪元尚未开启,平台所知最新纪元为 {open}',
      hint: '在前置机上执行 qianzhi agent recover,以签名记录开启新纪元',
    },
    en: {
      message: 'the epoch of {stream} was never opened; the newest the platform knows is {open}',
      hint: 'open it by a signed record: `qianzhi agent recover`',
    },
  },
  RECOVERY_WRONG: {
    kind: 'conflict',
    zh: {
      message: '不能为数据流 {stream} 开启纪元 {nextEpoch}:{problemZh}',
      hint: '重新执行 qianzhi agent recover,它会先取得平台的流头',
    },
    en: {
      message: 'epoch {nextEpoch} of {stream} cannot be opened: {problem}',
      hint: 'run `qianzhi agent recover` again; it asks for the heads of the platform first',
    },
  },
});

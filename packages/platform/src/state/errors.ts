import { defineErrors } from '@qianzhi/model';

export const stateErrors = defineErrors('PLATFORM', {
  STATE_NONE: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 还没有可用的当前数据:没有供数前置机完成过全量',
      hint: '查看供数情况:qianzhi stream list;请供数方执行 qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'resource {resource} has no current state yet: no agent that supplies it has completed a copy',
      hint: 'see the streams with `qianzhi stream list`, and have the provider run `qianzhi stream resnapshot {resource}`',
    },
  },
  STATE_FILES: {
    kind: 'config',
    zh: {
      message: '资源 {resource} 的内容是文件,没有可按行下载的当前数据',
      hint: '以系统对接方式取得文件:qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message: 'resource {resource} holds files; it has no rows to download',
      hint: 'take the files by docking: `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
  STATE_BYTES_GONE: {
    kind: 'unavailable',
    zh: {
      message: '归并资源 {resource} 时,批次 {seq} 的内容已被保留策略清理',
      hint: '稍后自动按最新全量重做;持续出现时请供数方执行 qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'folding resource {resource}: the bytes of batch {seq} were dropped by retention',
      hint: 'it is made again from the newest copy by itself; if it stays, have the provider run `qianzhi stream resnapshot {resource}`',
    },
  },
});

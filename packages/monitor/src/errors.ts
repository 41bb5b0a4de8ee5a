import { defineErrors } from '@qianzhi/model';

export const monitorErrors = defineErrors('MONITOR', {
  PORT_UNUSABLE: {
    kind: 'config',
    zh: {
      message: '监控接口不能监听 {host}:{port}:{problem}',
      hint: '改正配置中的 monitor 后重新启动(前置机 qianzhi agent start,平台 qianzhi platform start);同一机器上每个进程的端口须不同',
    },
    en: {
      message: 'the monitor cannot listen on {host}:{port}: {problem}',
      hint: 'correct `monitor` in the config and start again (an agent with `qianzhi agent start`, a platform with `qianzhi platform start`); processes of one machine need ports of their own',
    },
  },
  FAILED: {
    kind: 'internal',
    zh: {
      message: '监控接口处理 {path} 时发生内部错误',
      hint: '查看本进程的日志;前置机可运行 qianzhi doctor',
    },
    en: {
      message: 'the monitor failed inside while answering {path}',
      hint: 'see the log of the process; for an agent run `qianzhi doctor`',
    },
  },
});

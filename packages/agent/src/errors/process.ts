import { defineErrors } from '@qianzhi/model';

/** Of the running agent and its local API. */
export const processErrors = defineErrors('AGENT', {
  NOT_RUNNING: {
    kind: 'unavailable',
    zh: { message: '前置机进程未运行({socket} 无应答)', hint: '启动:qianzhi agent start' },
    en: {
      message: 'the agent is not running (no answer at {socket})',
      hint: 'start it with `qianzhi agent start`',
    },
  },
  CONTROL_DENIED: {
    kind: 'denied',
    zh: {
      message: '无权访问前置机的本地接口 {socket}',
      hint: '以运行前置机的系统用户执行本命令',
    },
    en: {
      message: 'the local socket {socket} of the agent may not be used by this system user',
      hint: 'run the command as the system user that runs the agent',
    },
  },
  CONTROL_FAILED: {
    kind: 'internal',
    zh: {
      message: '前置机处理本地请求时发生内部错误',
      hint: '查看前置机日志;重试无效时重启:qianzhi agent start',
    },
    en: {
      message: 'the agent failed inside while handling a local request',
      hint: 'see the agent log; if it goes on, restart it with `qianzhi agent start`',
    },
  },
});

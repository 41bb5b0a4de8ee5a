import { defineErrors } from '@qianzhi/model';

/** Of an agent that packages join to the platform. */
export const packageErrors = defineErrors('AGENT', {
  CARRIED: {
    kind: 'unavailable',
    zh: {
      message: '本前置机只经摆渡包与平台往来,此操作须有网络连接',
      hint: '查看往来情况:qianzhi package status;改为联网请去掉 agent.yaml 的 packages 后执行 qianzhi agent start',
    },
    en: {
      message: 'packages alone join this agent to the platform; this needs a line',
      hint: 'see what is under way with `qianzhi package status`; to work over a line take `packages` out of agent.yaml, then run `qianzhi agent start`',
    },
  },
  NO_PACKAGES: {
    kind: 'config',
    zh: {
      message: '本前置机经网络与平台往来,没有摆渡包',
      hint: '在 agent.yaml 写明 packages: { out, in } 后执行 qianzhi agent start',
    },
    en: {
      message: 'a line joins this agent to the platform; there are no packages',
      hint: 'set `packages: { out, in }` in agent.yaml, then run `qianzhi agent start`',
    },
  },
  PACKAGES_FAILED: {
    kind: 'internal',
    zh: { message: '收发摆渡包时出错', hint: '自动重试;查看前置机日志后执行 qianzhi package status' },
    en: {
      message: 'exchanging packages failed',
      hint: 'it is tried again; see the agent’s log, then run `qianzhi package status`',
    },
  },
});

import { defineErrors } from '@qianzhi/model';

export const packageErrors = defineErrors('PLATFORM', {
  PACKAGE_AGENT_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '没有经摆渡包往来的前置机 {agent}',
      hint: '在 platform.yaml 的 packages.agents 中列出它,再执行 qianzhi platform start;qianzhi package status --platform 查看已有的',
    },
    en: {
      message: 'there is no agent {agent} that packages join to the platform',
      hint: 'name it under packages.agents in platform.yaml and run `qianzhi platform start`; `qianzhi package status --platform` shows those there are',
    },
  },
  PACKAGE_AGENT_ENDED: {
    kind: 'denied',
    zh: {
      message: '前置机 {agent} 未登记或已注销,不收发它的摆渡包',
      hint: '执行 qianzhi agent list 查看;须重新登记时由安全保密员另发邀请',
    },
    en: {
      message: 'agent {agent} is not enrolled, or not any more; no packages of it are taken or laid out',
      hint: 'see `qianzhi agent list`; to enrol it again it takes a new invitation of the security officer',
    },
  },
  NO_PACKAGES: {
    kind: 'not-found',
    zh: {
      message: '本平台没有配置摆渡包',
      hint: '在 platform.yaml 写明 packages: { out, in, agents } 后执行 qianzhi platform start',
    },
    en: {
      message: 'this platform has no packages configured',
      hint: 'set `packages: { out, in, agents }` in platform.yaml, then run `qianzhi platform start`',
    },
  },
});

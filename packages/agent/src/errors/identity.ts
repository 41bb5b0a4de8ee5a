import { defineErrors } from '@qianzhi/model';

/** Of enrolment and the identity file. */
export const identityErrors = defineErrors('AGENT', {
  NOT_ENROLLED: {
    kind: 'config',
    zh: {
      message: '状态目录 {stateDir} 中没有登记身份',
      hint: '向安全保密员索取一次性令牌,然后运行 qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'there is no enrolled identity in {stateDir}',
      hint: 'ask the security officer for a one-time token, then run `qianzhi enroll --token-file FILE`',
    },
  },
  ALREADY_ENROLLED: {
    kind: 'conflict',
    zh: {
      message: '{stateDir} 已登记为前置机 {agent}',
      hint: '换用其他状态目录;确需重新登记时先移走 {stateDir}/identity.json',
    },
    en: {
      message: '{stateDir} is enrolled already, as agent {agent}',
      hint: 'use another state folder; to enrol anew move {stateDir}/identity.json away first',
    },
  },
  IDENTITY_UNREADABLE: {
    kind: 'config',
    zh: {
      message: '身份文件 {file} 读不出:{reason}',
      hint: '核对 agent.yaml 的 stateDir;以运行前置机的系统用户执行,或把该文件的属主改为它',
    },
    en: {
      message: 'the identity file {file} cannot be read: {reason}',
      hint: 'check stateDir in agent.yaml; run this as the system user of the agent, or give it the file',
    },
  },
  IDENTITY_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '身份文件 {file} 损坏:{reason}',
      hint: '从备份恢复;没有备份则重新登记:qianzhi enroll --token-file 文件',
    },
    en: {
      message: 'the identity file {file} is broken: {reason}',
      hint: 'restore it from a backup, else enrol again with `qianzhi enroll --token-file FILE`',
    },
  },
  IDENTITY_FOREIGN: {
    kind: 'integrity',
    zh: {
      message: '{stateDir} 登记的是前置机 {agent},平台却认其密钥属于 {owner}',
      hint: '身份文件被混用;恢复本机自己的 identity.json,否则移走它并重新登记(qianzhi enroll --token-file 文件),再执行 qianzhi agent start',
    },
    en: {
      message: '{stateDir} is enrolled as agent {agent}, but to the platform its key is that of {owner}',
      hint: 'identity files were mixed up; restore the own identity.json, else move it away and enrol anew with `qianzhi enroll --token-file FILE`, then run `qianzhi agent start`',
    },
  },
  TOKEN_MALFORMED: {
    kind: 'config',
    zh: {
      message: '登记令牌格式不符(应以 qz1. 开头)',
      hint: '完整复制令牌文件;令牌不要经聊天工具转发,以免被截断',
    },
    en: {
      message: 'the enrolment token is malformed (it starts with qz1.)',
      hint: 'copy the whole token file; chat tools may cut it',
    },
  },
  PLATFORM_KEY_WRONG: {
    kind: 'integrity',
    zh: {
      message: '{url} 的平台密钥是 {found},而登记令牌所载的是 {expected}',
      hint: '该地址可能不是本平台:请与安全保密员核对地址与指纹,改正 agent.yaml 的 platform.url 后运行 qianzhi doctor',
    },
    en: {
      message: 'the platform at {url} has key {found}, the enrolment token said {expected}',
      hint: 'this may not be your platform: compare address and key id with the security officer, correct platform.url in agent.yaml, then run `qianzhi doctor`',
    },
  },
});

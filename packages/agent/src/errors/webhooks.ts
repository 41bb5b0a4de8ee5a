import { defineErrors } from '@qianzhi/model';

/** Of webhooks to business systems. A URL may hold a token: errors name the webhook and at most the host. */
export const webhookErrors = defineErrors('AGENT', {
  WEBHOOK_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '配置中没有名为“{webhook}”的 webhook',
      hint: '已有:{known};在 agent.yaml 的 webhooks.targets 中定义后运行 qianzhi config validate',
    },
    en: {
      message: 'the config has no webhook named "{webhook}"',
      hint: 'there is: {known}; add it under `webhooks.targets` in agent.yaml, then run `qianzhi config validate`',
    },
  },
  WEBHOOK_EXCHANGE: {
    kind: 'config',
    zh: {
      message: 'webhook {webhook} 的作业 {exchange} 不是收件箱',
      hint: '写明 connector 类型为 inbox 的用数作业(已有:{known}),再运行 qianzhi config validate',
    },
    en: {
      message: 'webhook {webhook}: exchange {exchange} keeps no feed of what it receives',
      hint: 'name one that consumes into a connector of `type: inbox` (there is: {known}), then run `qianzhi config validate`',
    },
  },
  WEBHOOK_ADDRESS: {
    kind: 'denied',
    zh: {
      message: 'webhook {webhook} 的主机 {host}({address}):{reason}',
      hint: '核对 agent.yaml 的 webhooks,改后运行 qianzhi config validate;自动重试,死信用 qianzhi webhook retry {webhook}',
    },
    en: {
      message: 'host {host} of webhook {webhook} ({address}): {reason}',
      hint: 'check `webhooks` in agent.yaml, then run `qianzhi config validate`; it is tried again by itself, dead letters with `qianzhi webhook retry {webhook}`',
    },
  },
  WEBHOOK_FAILED: {
    kind: 'unavailable',
    zh: {
      message: 'webhook {webhook} 未送达:{reason}',
      hint: '检查接收方;试发:qianzhi webhook test {webhook}',
    },
    en: {
      message: 'webhook {webhook} was not taken: {reason}',
      hint: 'check the receiver; send a trial with `qianzhi webhook test {webhook}`',
    },
  },
  WEBHOOK_DEAD: {
    kind: 'unavailable',
    zh: {
      message: 'webhook {webhook} 有 {dead} 批未能送达',
      hint: '查看:qianzhi webhook dead {webhook};排除后 qianzhi webhook retry {webhook},或放弃:qianzhi webhook drop {webhook}',
    },
    en: {
      message: 'dead letters of webhook {webhook}: {dead}',
      hint: 'see them with `qianzhi webhook dead {webhook}`; once the receiver is right run `qianzhi webhook retry {webhook}`, or give them up with `qianzhi webhook drop {webhook}`',
    },
  },
  WEBHOOK_LOG_UNWRITABLE: {
    kind: 'unavailable',
    zh: {
      message: 'webhook 投递日志 {file} 无法写入({reason}),因此不投递',
      hint: '释放空间后自动继续;磁盘故障须检查后重启前置机:qianzhi agent start',
    },
    en: {
      message: 'the log of webhook deliveries {file} cannot be written ({reason}), so nothing is sent',
      hint: 'free some space and it goes on by itself; after a fault of the disk start the agent again with `qianzhi agent start`',
    },
  },
  WEBHOOK_LOG_BROKEN: {
    kind: 'integrity',
    zh: {
      message: 'webhook 投递日志 {file} 第 {line} 行与前后不连贯:被改动或删除',
      hint: '保留原件,导出后与平台留存的链头核对:qianzhi audit export --agent agent.yaml --log webhooks --out 文件,再 qianzhi audit verify --file 文件 --heads 文件 --keys 文件',
    },
    en: {
      message:
        'line {line} of the log of webhook deliveries {file} does not follow from the one before: it was changed or removed',
      hint: 'keep it as it is, and check it with the heads that the platform keeps: `qianzhi audit export --agent agent.yaml --log webhooks --out FILE`, then `qianzhi audit verify --file FILE --heads FILE --keys FILE`',
    },
  },
  WEBHOOK_LETTER_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: 'webhook {webhook} 没有死信 {id}',
      hint: '查看:qianzhi webhook dead {webhook}',
    },
    en: {
      message: 'webhook {webhook} has no dead letter {id}',
      hint: 'see them with `qianzhi webhook dead {webhook}`',
    },
  },
});

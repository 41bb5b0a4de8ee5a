import { type Static, Type } from '@qianzhi/model/schema';

const NAME = '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,49}$';

const TargetSchema = Type.Object(
  {
    exchange: Type.String({
      description: '收件箱作业名称 / name of an exchange that consumes into a connector of type inbox',
    }),
    url: Type.String({
      pattern: '^https?://',
      description: '业务系统的接收地址 / where the business system takes changes',
    }),
    secret: Type.String({
      minLength: 16,
      description:
        '签名密钥(Standard Webhooks),用 ${file:} 或 ${env:} 引用 / key of the signatures, by ${file:} or ${env:}',
    }),
    from: Type.Union([Type.Literal('beginning'), Type.Literal('now')], {
      default: 'beginning',
      description:
        '首次从现有记录开始,或只送此后的变化 / begin with the records as they are, or with what comes later',
    }),
    batch: Type.Object(
      {
        records: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
        kib: Type.Integer({ minimum: 1, maximum: 4096, default: 256 }),
        ms: Type.Integer({
          minimum: 0,
          maximum: 60_000,
          default: 50,
          description: '最多等待凑批 / waits for more at most',
        }),
      },
      { default: {}, additionalProperties: false },
    ),
    timeoutSeconds: Type.Number({ exclusiveMinimum: 0, maximum: 300, default: 10 }),
    attempts: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 20,
      description: '重试到此次数后转入死信 / after so many attempts a batch goes to the dead letters',
    }),
    onDead: Type.Union([Type.Literal('block'), Type.Literal('set-aside')], {
      default: 'block',
      description:
        '死信:block 停住此通道以保持顺序;set-aside 搁置后继续 / a dead batch blocks what follows, to keep the order, or is set aside',
    }),
  },
  { additionalProperties: false },
);
export type WebhookTarget = Static<typeof TargetSchema>;

/** `webhooks` of agent.yaml: where changes of received records are sent to. Nothing is sent to any other address. */
export const WebhooksSchema = Type.Object(
  {
    privateHosts: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        '允许为内网或本机地址的主机(按 url 中的写法) / hosts, as the urls have them, that may be private or loopback addresses',
    }),
    targets: Type.Record(Type.String({ pattern: NAME }), TargetSchema, {
      default: {},
      additionalProperties: false,
    }),
  },
  { default: {}, additionalProperties: false },
);
export type WebhooksConfig = Static<typeof WebhooksSchema>;

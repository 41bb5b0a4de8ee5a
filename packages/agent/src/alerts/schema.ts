import { type Static, Type } from '@qianzhi/model/schema';

const CHANNEL_NAME = '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,49}$';
const ADDRESS = '^[^\\s@<>",;]+@[^\\s@<>",;]+$';

export const WebhookSchema = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://',
      description: '接收告警的地址 / where alerts are posted',
    }),
    secret: Type.String({
      minLength: 16,
      description:
        '签名密钥,双方共有;用 ${file:…} 或 ${env:…} / secret both sides hold, it signs each message; as ${file:…} or ${env:…}',
    }),
  },
  { additionalProperties: false },
);
export type WebhookConfig = Static<typeof WebhookSchema>;

export const MailSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'SMTP 服务器 / SMTP server' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587 }),
    security: Type.Union([Type.Literal('starttls'), Type.Literal('tls'), Type.Literal('none')], {
      default: 'starttls',
      description:
        'starttls 连接后加密(587)· tls 一开始就加密(465)· none 不加密,只用于可信内网(25) / none only inside a trusted network',
    }),
    user: Type.Optional(Type.String({ minLength: 1 })),
    password: Type.Optional(
      Type.String({ minLength: 1, description: '用 ${file:…} 或 ${env:…} / as ${file:…} or ${env:…}' }),
    ),
    from: Type.String({ pattern: ADDRESS, description: '发件人 / sender' }),
    to: Type.Array(Type.String({ pattern: ADDRESS }), {
      minItems: 1,
      maxItems: 50,
      description: '收件人 / recipients',
    }),
  },
  { additionalProperties: false },
);
export type MailConfig = Static<typeof MailSchema>;

const positive = (value: number, description: string) =>
  Type.Number({ exclusiveMinimum: 0, default: value, description });

/** When a condition is worth an alert. */
export const ThresholdsSchema = Type.Object(
  {
    silentCycles: positive(
      1.5,
      '最新数据早于几个更新周期即为静默(实时按 1 小时) / silent when the newest data is older than so many update cycles (realtime: 1 hour)',
    ),
    rejectedRows: Type.Integer({
      minimum: 1,
      default: 100,
      description: '隔离区中未导出的行数(每个交换) / rows in quarantine nobody exported, of one exchange',
    }),
    outboxShare: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.8,
      description: '发件箱已用比例 / share of limits.outboxBytes in use',
    }),
    unreceiptedSeconds: positive(900, '最久未签收的秒数 / age of the oldest batch without receipt'),
    unreachableSeconds: positive(
      600,
      '平台或连接器持续不可用的秒数 / how long platform or connector are out of reach',
    ),
    clockSkewSeconds: positive(10, '与平台的时钟偏差 / difference to the platform’s clock'),
    expiryDays: positive(30, '证书或授权到期前的天数 / days before a certificate or grant ends'),
    differingRows: Type.Integer({
      minimum: 1,
      default: 1,
      description: '对账后仍不一致的主键数 / keys that differ after a reconciliation',
    }),
  },
  { default: {}, additionalProperties: false },
);
export type Thresholds = Static<typeof ThresholdsSchema>;

/** `alerts` of agent.yaml: whom to tell, and when. Without channels alerts are only listed. */
export const AlertsSchema = Type.Object(
  {
    webhooks: Type.Record(Type.String({ pattern: CHANNEL_NAME }), WebhookSchema, {
      default: {},
      additionalProperties: false,
    }),
    mails: Type.Record(Type.String({ pattern: CHANNEL_NAME }), MailSchema, {
      default: {},
      additionalProperties: false,
    }),
    thresholds: ThresholdsSchema,
    resolveAfterSeconds: Type.Number({
      minimum: 0,
      default: 60,
      description: '条件消失多久后才算解除 / how long a condition must be gone before it counts as resolved',
    }),
  },
  { default: {}, additionalProperties: false },
);
export type AlertsConfig = Static<typeof AlertsSchema>;

import { type Static, Type } from '@qianzhi/model/schema';

/** There is nothing to connect to: what is pushed lies in the agent's own state folder. */
export const ConfigSchema = Type.Object({}, { additionalProperties: false });

export const SourceSchema = Type.Object(
  {
    maxWaitingMiB: Type.Integer({
      minimum: 1,
      maximum: 1_048_576,
      default: 1024,
      description:
        '未签收的推送上限,满则拒绝新的推送 / limit of what has no receipt; when it is reached further pushes are refused',
    }),
    keepDays: Type.Number({
      exclusiveMinimum: 0,
      maximum: 3650,
      default: 7,
      description:
        '签收后推送结果(含幂等键)保留的天数 / days for which answers, and with them idempotency keys, are kept after the receipt',
    }),
  },
  { default: {}, additionalProperties: false },
);
export type PushSource = Static<typeof SourceSchema>;

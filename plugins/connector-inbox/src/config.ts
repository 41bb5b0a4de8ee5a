import { type Static, Type } from '@qianzhi/model/schema';

/** There is nothing to connect to: the records lie in the agent's own state folder. */
export const ConfigSchema = Type.Object({}, { additionalProperties: false });

export const TargetSchema = Type.Object(
  {
    keepDays: Type.Number({
      exclusiveMinimum: 0,
      maximum: 3650,
      default: 7,
      description:
        '已被更新的版本与删除保留的天数,供落后的读者追上 / days for which superseded versions and deletes are kept, for readers that are behind',
    }),
    maxMiB: Type.Integer({
      minimum: 1,
      maximum: 1_048_576,
      default: 1024,
      description:
        '上限:先清较早的变化;现有记录仍放不下则暂停接收 / limit: older changes go first; when the records as they are do not fit, receiving pauses',
    }),
  },
  { default: {}, additionalProperties: false },
);
export type InboxTarget = Static<typeof TargetSchema>;

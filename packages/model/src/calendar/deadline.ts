import { type Static, Type } from '@sinclair/typebox';

/** A legal period. The start day is never counted. A rule without a deadline is null, never a period of 0. */
export const DeadlineSchema = Type.Object(
  {
    n: Type.Integer({ minimum: 1, maximum: 3650 }),
    unit: Type.Union([
      Type.Literal('workingDay', { description: '工作日' }),
      Type.Literal('day', { description: '自然日 / calendar day' }),
    ]),
    excludeStartDay: Type.Literal(true, { description: '起算日不计入' }),
  },
  { additionalProperties: false },
);
export type Deadline = Static<typeof DeadlineSchema>;

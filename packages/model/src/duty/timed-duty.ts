import { type Static, Type } from '@sinclair/typebox';
import { DeadlineSchema } from '../calendar/deadline.js';
import { IdSchema, TimeSchema } from '../protocol/fields.js';
import { DutyKindSchema } from './kinds.js';

const DaySchema = Type.String({ format: 'date', description: 'of Asia/Shanghai' });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const dutyOutcomes = ['done', 'waived', 'void'] as const;
export type DutyOutcome = (typeof dutyOutcomes)[number];

/** What a department owes by a day (R058–R063, R006, R082 and others), with its clock as it stands. */
export const TimedDutySchema = Type.Object(
  {
    id: Type.String(),
    kind: DutyKindSchema,
    object: Type.String({ description: 'agreement, resource or department it is about, by id' }),
    owner: Type.Union([IdSchema, Type.Null()], { description: 'null: the competent department' }),
    rule: Type.String({ description: 'R058' }),
    profile: Type.String({ description: 'policy profile it is judged by to its end' }),
    deadline: Type.Union([DeadlineSchema, Type.Null()], {
      description: 'null: the regulation names none; never due and never overdue',
    }),
    state: Type.Union([Type.Literal('open'), Type.Literal('paused'), Type.Literal('closed')]),
    openedAt: TimeSchema,
    startDay: DaySchema,
    dueDay: orNull(DaySchema),
    provisionalYears: Type.Array(Type.Integer(), {
      description: 'years counted as Monday to Friday, their arrangement being unknown; empty: a firm date',
    }),
    pauses: Type.Array(
      Type.Object({ from: DaySchema, to: orNull(DaySchema) }, { description: 'to null: paused now' }),
    ),
    remindedAt: orNull(TimeSchema),
    overdueAt: orNull(TimeSchema),
    escalatedAt: orNull(TimeSchema),
    closedAt: orNull(TimeSchema),
    outcome: orNull(Type.Union(dutyOutcomes.map((outcome) => Type.Literal(outcome)))),
    note: orNull(Type.String()),
  },
  { $id: 'TimedDuty' },
);
export type TimedDuty = Static<typeof TimedDutySchema>;

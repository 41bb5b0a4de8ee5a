import { type Static, Type } from '@sinclair/typebox';
import { TimeSchema } from '../protocol/fields.js';

export const dutyEventNames = [
  'opened',
  'paused',
  'resumed',
  'recounted',
  'reminded',
  'overdue',
  'escalated',
  'handed-over',
  'closed',
] as const;
export type DutyEventName = (typeof dutyEventNames)[number];

const DaySchema = Type.String({ format: 'date' });

/** One entry of a duty's history. */
export const DutyEventSchema = Type.Object(
  {
    event: Type.Union(dutyEventNames.map((name) => Type.Literal(name))),
    day: Type.String({ format: 'date', description: 'the day it belongs to' }),
    at: Type.String({ ...TimeSchema, description: 'when it was recorded' }),
    actor: Type.String({ description: '`person:ACCOUNT`, `agent:ID`, `platform`' }),
    dueDay: Type.Union([DaySchema, Type.Null()], { description: 'last day in time, from then on' }),
    provisionalYears: Type.Array(Type.Integer()),
    note: Type.Union([Type.String(), Type.Null()], { description: 'reason, outcome, source' }),
  },
  { $id: 'DutyEvent' },
);
export type DutyEvent = Static<typeof DutyEventSchema>;

import { type Static, Type } from '@sinclair/typebox';
import { TimedDutySchema } from './timed-duty.js';

export const dutyStandings = [
  'running',
  'due-soon',
  'overdue',
  'calendar-missing',
  'paused',
  'no-deadline',
  'closed',
] as const;

/** A duty as persons see it today. */
export const DutyViewSchema = Type.Object(
  {
    ...TimedDutySchema.properties,
    standing: Type.Union(
      dutyStandings.map((standing) => Type.Literal(standing)),
      {
        description:
          'due-soon: reminded of; calendar-missing: its provisional date is past, and whether it is overdue is known when the arrangement of the year is entered',
      },
    ),
    daysLeft: Type.Union([Type.Integer(), Type.Null()], {
      description:
        'working days, or days where the deadline counts those; 0 on the last day, below zero: so many too late',
    }),
  },
  { $id: 'DutyView' },
);
export type DutyView = Static<typeof DutyViewSchema>;

import { type Static, Type } from '@sinclair/typebox';
import { DayOverrideSchema, YearArrangementSchema } from '../calendar/arrangement.js';
import { DutyEventSchema } from '../duty/duty-event.js';
import { DutyViewSchema } from '../duty/duty-view.js';
import { DutyKindSchema } from '../duty/kinds.js';
import { everyone, IdSchema, TimeSchema } from './fields.js';
import { type Role, route } from './route.js';

const Entered = { enteredBy: Type.String(), enteredAt: TimeSchema };

/** What administrators entered of the working-day calendar, beside the years the program knows. */
export const EnteredCalendarSchema = Type.Object(
  {
    years: Type.Array(Type.Object({ ...YearArrangementSchema.properties, ...Entered })),
    overrides: Type.Array(Type.Object({ ...DayOverrideSchema.properties, ...Entered })),
    covered: Type.Array(Type.Integer(), {
      description: 'of this year and the two after it, those whose arrangement is known',
    }),
  },
  { $id: 'EnteredCalendar' },
);
export type EnteredCalendar = Static<typeof EnteredCalendarSchema>;

/** What entering a part of the calendar did: the open duties whose date moved or became firm. */
const Recounted = Type.Object({ recounted: Type.Array(DutyViewSchema) });
const administrators: readonly Role[] = ['system-admin', 'security-officer'];

/** Duties with a clock, and the calendar they are counted by. */
export const dutyRoutes = {
  listDuties: route({
    method: 'GET',
    path: '/duties',
    access: everyone,
    summary: '职责期限,逾期在前 / duties of the own department, overdue first',
    query: Type.Object({
      owner: Type.Optional(IdSchema),
      object: Type.Optional(Type.String()),
      kind: Type.Optional(DutyKindSchema),
      overdue: Type.Optional(Type.Boolean({ description: 'overdue ones only' })),
      closed: Type.Boolean({ default: false, description: 'closed ones as well' }),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
    }),
    response: Type.Object({ duties: Type.Array(DutyViewSchema) }),
  }),
  showDuty: route({
    method: 'GET',
    path: '/duties/{id}',
    access: everyone,
    summary: '一项职责期限 / one duty',
    response: DutyViewSchema,
  }),
  dutyHistory: route({
    method: 'GET',
    path: '/duties/{id}/events',
    access: everyone,
    summary: '一项职责期限的全部经过 / everything that happened to a duty, oldest first',
    response: Type.Object({ duty: DutyViewSchema, events: Type.Array(DutyEventSchema) }),
  }),
  showCalendar: route({
    method: 'GET',
    path: '/calendar',
    access: everyone,
    summary: '录入的工作日历 / what was entered of the working-day calendar',
    response: EnteredCalendarSchema,
  }),
  enterYear: route({
    method: 'PUT',
    path: '/calendar/years/{year}',
    access: administrators,
    summary:
      '录入一年的节假日安排,暂定期限随即重算 / enter the arrangement of a year; open duties are counted again',
    body: YearArrangementSchema,
    response: Recounted,
  }),
  overrideDay: route({
    method: 'PUT',
    path: '/calendar/days/{day}',
    access: administrators,
    summary: '单独规定某一天上班或休息 / set one day apart as worked or off',
    body: DayOverrideSchema,
    response: Recounted,
  }),
  clearDay: route({
    method: 'DELETE',
    path: '/calendar/days/{day}',
    access: administrators,
    summary: '撤销对某一天的规定 / take an override back',
    response: Recounted,
  }),
} as const;

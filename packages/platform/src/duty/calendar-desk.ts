import {
  chinaDay,
  type DayOverride,
  type DutyView,
  type EnteredCalendar,
  type YearArrangement,
} from '@qianzhi/model';
import { viewDuty } from '@qianzhi/model/duty';
import type { Knex } from 'knex';
import type { AuditEntry } from '../ports.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { putOverride, putYear, readCalendar, readEntries, removeOverride } from './calendar.js';
import type { KeptClocks } from './clocks.js';
import { dutyErrors } from './errors.js';

/** Where administrators enter the calendar. Each change counts the open duties again in its own transaction and answers those that moved. */
export interface CalendarDesk {
  show(): Promise<EnteredCalendar>;
  /** Takes the place of what was known of the year. Throws QZ_MODEL_CALENDAR_WRONG and changes nothing. */
  enterYear(caller: PersonCaller, year: string, arrangement: YearArrangement): Promise<DutyView[]>;
  overrideDay(caller: PersonCaller, day: string, override: DayOverride): Promise<DutyView[]>;
  /** Throws QZ_PLATFORM_CALENDAR_DAY_NOT_SET. */
  clearDay(caller: PersonCaller, day: string): Promise<DutyView[]>;
}

export function createCalendarDesk(
  { db, audit, now }: PlatformContext,
  clocks: Pick<KeptClocks, 'recount'>,
): CalendarDesk {
  function change(
    caller: PersonCaller,
    action: string,
    object: string,
    { reason, ...details }: { readonly reason: string } & NonNullable<AuditEntry['details']>,
    write: (trx: Knex.Transaction, at: string) => Promise<void>,
  ): Promise<DutyView[]> {
    return db.transaction(async (trx) => {
      await write(trx, now().toISOString());
      const moved = await clocks.recount(trx, caller, reason);
      const told = { reason, ...details, recounted: moved.length };
      await audit.record({ actor: caller, action, object, outcome: 'done', details: told }, trx);
      const calendar = await readCalendar(trx);
      return moved.map((duty) => viewDuty(calendar, duty, now()));
    });
  }

  return {
    async show() {
      const calendar = await readCalendar(db);
      const year = Number(chinaDay(now()).slice(0, 4));
      return { ...(await readEntries(db)), covered: [year, year + 1, year + 2].filter(calendar.covers) };
    },
    async enterYear(caller, year, arrangement) {
      if (String(arrangement.year) !== year)
        throw dutyErrors.CALENDAR_ADDRESS_DIFFERS({ path: year, body: arrangement.year });
      const { source: reason, holidays, workdays } = arrangement;
      const details = { reason, holidays: holidays.length, workdays: workdays.length };
      return change(caller, 'calendar.year', year, details, (trx, at) =>
        putYear(trx, arrangement, caller, at),
      );
    },
    async overrideDay(caller, day, override) {
      if (override.day !== day) throw dutyErrors.CALENDAR_ADDRESS_DIFFERS({ path: day, body: override.day });
      const { reason, work } = override;
      return change(caller, 'calendar.override', day, { reason, work }, (trx, at) =>
        putOverride(trx, override, caller, at),
      );
    },
    clearDay: (caller, day) =>
      change(caller, 'calendar.clear', day, { reason: day }, async (trx) => {
        if (!(await removeOverride(trx, day))) throw dutyErrors.CALENDAR_DAY_NOT_SET({ day });
      }),
  };
}

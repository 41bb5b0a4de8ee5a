import type { DayOverride, EnteredCalendar, YearArrangement } from '@qianzhi/model';
import { type WorkingCalendar, workingCalendar } from '@qianzhi/model/calendar';
import type { Knex } from 'knex';
import { callerName, type PersonCaller } from '../server/caller.js';

interface YearRow {
  readonly year: number;
  readonly arrangement: string;
  readonly entered_by: string;
  readonly entered_at: string;
}

interface OverrideRow {
  readonly day: string;
  readonly work: number;
  readonly reason: string;
  readonly entered_by: string;
  readonly entered_at: string;
}

/** The national calendar with what administrators entered. */
export async function readCalendar(db: Knex): Promise<WorkingCalendar> {
  return workingCalendar(await readEntries(db));
}

export async function readEntries(db: Knex): Promise<Omit<EnteredCalendar, 'covered'>> {
  const years: readonly YearRow[] = await db('calendar_years').orderBy('year');
  const overrides: readonly OverrideRow[] = await db('calendar_overrides').orderBy('day');
  return {
    years: years.map((row) => ({ ...JSON.parse(row.arrangement), ...enteredOf(row) })),
    overrides: overrides.map((row) => ({
      day: row.day,
      work: row.work === 1,
      reason: row.reason,
      ...enteredOf(row),
    })),
  };
}

export async function putYear(
  trx: Knex.Transaction,
  arrangement: YearArrangement,
  caller: PersonCaller,
  at: string,
): Promise<void> {
  const { year } = arrangement;
  const row = {
    year,
    arrangement: JSON.stringify(arrangement),
    entered_by: callerName(caller),
    entered_at: at,
  };
  await trx('calendar_years').insert(row).onConflict('year').merge();
}

export async function putOverride(
  trx: Knex.Transaction,
  { day, work, reason }: DayOverride,
  caller: PersonCaller,
  at: string,
): Promise<void> {
  const row = { day, work: Number(work), reason, entered_by: callerName(caller), entered_at: at };
  await trx('calendar_overrides').insert(row).onConflict('day').merge();
}

/** Whether there was one. */
export async function removeOverride(trx: Knex.Transaction, day: string): Promise<boolean> {
  return (await trx('calendar_overrides').where({ day }).delete()) > 0;
}

function enteredOf({ entered_by, entered_at }: YearRow | OverrideRow) {
  return { enteredBy: entered_by, enteredAt: entered_at };
}

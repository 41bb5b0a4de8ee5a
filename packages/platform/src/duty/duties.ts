import type { DutyEvent, DutyView, TimedDuty } from '@qianzhi/model';
import { byUrgency, viewDuty } from '@qianzhi/model/duty';
import type { Departments } from '../department/departments.js';
import { hasRole, type PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { readCalendar } from './calendar.js';
import { dutyErrors } from './errors.js';
import { type DutyFilter, findDuty, listClosed, listEvents, listUnclosed } from './store.js';

export interface DutyQuery extends Omit<DutyFilter, 'state'> {
  readonly overdue?: boolean | undefined;
  readonly closed: boolean;
  readonly limit: number;
}

/** Duties as persons see them: the own department's; competent department, security officer and auditor see all. */
export interface DutyLists {
  /** The longest overdue first, closed ones last. */
  list(caller: PersonCaller, query: DutyQuery): Promise<DutyView[]>;
  /** Throws QZ_PLATFORM_DUTY_UNKNOWN alike for one that is not there and one that is not the caller's to see. */
  show(caller: PersonCaller, id: string): Promise<DutyView>;
  /** Oldest first. Throws QZ_PLATFORM_DUTY_UNKNOWN. */
  history(caller: PersonCaller, id: string): Promise<{ duty: DutyView; events: DutyEvent[] }>;
}

/** How many duties stand how; closed ones are not counted. */
export async function countStandings({
  db,
  now,
}: Pick<PlatformContext, 'db' | 'now'>): Promise<ReadonlyMap<DutyView['standing'], number>> {
  const calendar = await readCalendar(db);
  const counts = new Map<DutyView['standing'], number>();
  for (const duty of await listUnclosed(db)) {
    const { standing } = viewDuty(calendar, duty, now());
    counts.set(standing, (counts.get(standing) ?? 0) + 1);
  }
  return counts;
}

export function createDutyLists(
  { db, now }: Pick<PlatformContext, 'db' | 'now'>,
  departments: Departments,
): DutyLists {
  async function seesAll(caller: PersonCaller): Promise<boolean> {
    if (hasRole(caller, 'security-officer', 'auditor')) return true;
    return caller.department !== null && (await departments.require(caller.department)).competent;
  }

  async function visible(caller: PersonCaller, id: string): Promise<TimedDuty> {
    const duty = await findDuty(db, id);
    const own = duty && duty.owner !== null && duty.owner === caller.department;
    if (!duty || !(own || (await seesAll(caller)))) throw dutyErrors.DUTY_UNKNOWN({ duty: id });
    return duty;
  }

  async function show(caller: PersonCaller, id: string): Promise<DutyView> {
    return viewDuty(await readCalendar(db), await visible(caller, id), now());
  }

  return {
    show,
    async list(caller, { overdue, closed, limit, ...wanted }) {
      const all = await seesAll(caller);
      if (!all && (caller.department === null || (wanted.owner ?? caller.department) !== caller.department))
        return [];
      const filter = all ? wanted : { ...wanted, owner: caller.department as string };
      const calendar = await readCalendar(db);
      const duties = [
        ...(await listUnclosed(db, filter)),
        ...(closed ? await listClosed(db, filter, limit) : []),
      ];
      const views = duties.map((duty) => viewDuty(calendar, duty, now()));
      const shown = overdue ? views.filter(({ standing }) => standing === 'overdue') : views;
      return shown.sort(byUrgency).slice(0, limit);
    },
    async history(caller, id) {
      const duty = await show(caller, id);
      return { duty, events: await listEvents(db, id) };
    },
  };
}

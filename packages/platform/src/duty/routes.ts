import { personRoutes } from '@qianzhi/model';
import type { Api } from '../server/serve.js';
import type { CalendarDesk } from './calendar-desk.js';
import type { DutyLists } from './duties.js';

export function bindDuties(api: Api, duties: DutyLists, calendar: CalendarDesk): void {
  api.servePerson(personRoutes.listDuties, async ({ caller, query }) => ({
    duties: await duties.list(caller, query),
  }));
  api.servePerson(personRoutes.showDuty, ({ caller, param }) => duties.show(caller, param('id')));
  api.servePerson(personRoutes.dutyHistory, ({ caller, param }) => duties.history(caller, param('id')));
  api.servePerson(personRoutes.showCalendar, () => calendar.show());
  api.servePerson(personRoutes.enterYear, async ({ caller, param, body }) => ({
    recounted: await calendar.enterYear(caller, param('year'), body),
  }));
  api.servePerson(personRoutes.overrideDay, async ({ caller, param, body }) => ({
    recounted: await calendar.overrideDay(caller, param('day'), body),
  }));
  api.servePerson(personRoutes.clearDay, async ({ caller, param }) => ({
    recounted: await calendar.clearDay(caller, param('day')),
  }));
}

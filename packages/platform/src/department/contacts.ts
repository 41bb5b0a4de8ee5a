import {
  type Contact,
  type ContactRole,
  chinaDay,
  contactRoles,
  type Payload,
  type personRoutes,
  type RosterEntry,
} from '@qianzhi/model';
import { startOf } from '@qianzhi/model/duty';
import type { Knex } from 'knex';
import { platformErrors } from '../errors.js';
import type { DutyClocks, NewDuty, PolicyService } from '../ports.js';
import { hasRole, type PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import type { Departments } from './departments.js';
import { departmentErrors } from './errors.js';

type NewContact = Payload<(typeof personRoutes.putContact)['body']>;

interface ContactRow {
  readonly department: string;
  readonly role: ContactRole;
  /** Null: nobody since `since`. */
  readonly name: string | null;
  readonly title: string;
  readonly phone: string;
  readonly since: string;
  readonly reported_at: string;
  /** Id of the duty to report the successor. */
  readonly duty: string | null;
}

/** The three named contacts of every unit (R081), and their changes (R082). */
export interface Contacts {
  roster(): Promise<RosterEntry[]>;
  /** Throws QZ_PLATFORM_DEPARTMENT_UNKNOWN. */
  of(department: string): Promise<RosterEntry>;
  /** Names one, and closes the duty to report a successor, with its lateness if it is late. Throws QZ_PLATFORM_OTHER_DEPARTMENT, _CONTACT_ROLE_UNKNOWN. */
  put(caller: PersonCaller, department: string, role: string, contact: NewContact): Promise<RosterEntry>;
  /** From now on there is nobody, and a duty to report the successor. Throws QZ_PLATFORM_CONTACT_VACANT where there was nobody. */
  vacate(caller: PersonCaller, department: string, role: string, reason: string): Promise<RosterEntry>;
}

export function createContacts(
  { db, audit, now }: PlatformContext,
  departments: Departments,
  clock: { readonly duties: DutyClocks; readonly policy: PolicyService },
): Contacts {
  async function entries(department?: string): Promise<RosterEntry[]> {
    const units =
      department === undefined ? await departments.all() : [await departments.require(department)];
    const rows: ContactRow[] = await db('contacts').where(department === undefined ? {} : { department });
    return units.map(({ id, name }) => {
      const own = rows.filter((row) => row.department === id && row.name !== null);
      const contacts = contactRoles.flatMap((role) => own.filter((row) => row.role === role).map(contactOf));
      const missing = contactRoles.filter((role) => !own.some((row) => row.role === role));
      return { department: id, name, contacts, missing };
    });
  }
  const of = async (department: string) => (await entries(department))[0]!;

  async function checkMayChange(
    caller: PersonCaller,
    department: string,
    role: string,
  ): Promise<ContactRole> {
    await departments.require(department);
    const known = contactRoles.find((one) => one === role);
    if (!known) throw departmentErrors.CONTACT_ROLE_UNKNOWN({ role, roles: contactRoles.join(', ') });
    if (caller.department !== department && !hasRole(caller, 'security-officer'))
      throw platformErrors.OTHER_DEPARTMENT({ account: caller.account, department, what: 'contact' });
    return known;
  }

  const find = (
    trx: Knex.Transaction,
    department: string,
    role: ContactRole,
  ): Promise<ContactRow | undefined> => trx('contacts').where({ department, role }).first();

  const record = (trx: Knex.Transaction, actor: PersonCaller, action: string, object: string, role: string) =>
    audit.record({ actor, action, object, outcome: 'done', details: { role } }, trx);

  async function changeDuty(department: string, trx: Knex.Transaction): Promise<NewDuty> {
    const { id, contactChangeDays } = await clock.policy.current(trx);
    const owed = { kind: 'contact.change', object: department, owner: department, rule: 'R082' } as const;
    return { ...owed, profile: id, deadline: contactChangeDays };
  }

  /**
   * The duty that a contact named now answers: the one of whoever left; of another put in one's place in one step, one that began on the
   * day the change is of, so that a late report is seen to be late.
   */
  async function owedFor(
    trx: Knex.Transaction,
    before: ContactRow,
    { department, name, since }: Pick<ContactRow, 'department' | 'name' | 'since'>,
    at: Date,
    caller: PersonCaller,
  ): Promise<string | null> {
    if (before.duty !== null || before.name === null || before.name === name) return before.duty;
    const began = since < chinaDay(at) ? startOf(since) : at;
    return clock.duties.open(trx, { ...(await changeDuty(department, trx)), since: began }, caller);
  }

  return {
    roster: () => entries(),
    of,

    async put(caller, department, name, { since, ...contact }) {
      const role = await checkMayChange(caller, department, name);
      const at = now();
      const row = {
        department,
        role,
        ...contact,
        since: since ?? chinaDay(at),
        reported_at: at.toISOString(),
        duty: null,
      };
      await db.transaction(async (trx) => {
        const before = await find(trx, department, role);
        const duty = before && (await owedFor(trx, before, row, at, caller));
        if (duty) await clock.duties.close(trx, duty, 'done', `${role}: ${row.since}`, caller);
        await trx('contacts').insert(row).onConflict(['department', 'role']).merge();
        await record(trx, caller, 'contact.put', department, role);
      });
      return of(department);
    },

    async vacate(caller, department, name, reason) {
      const role = await checkMayChange(caller, department, name);
      const at = now();
      await db.transaction(async (trx) => {
        const before = await find(trx, department, role);
        if (before?.name == null) throw departmentErrors.CONTACT_VACANT({ department, role });
        const duty = await clock.duties.open(trx, await changeDuty(department, trx), caller);
        const gone = {
          name: null,
          title: '',
          phone: '',
          since: chinaDay(at),
          reported_at: at.toISOString(),
          duty,
        };
        await trx('contacts').where({ department, role }).update(gone);
        const details = { role, reason };
        await audit.record(
          { actor: caller, action: 'contact.vacate', object: department, outcome: 'done', details },
          trx,
        );
      });
      return of(department);
    },
  };
}

function contactOf({ role, name, title, phone, since, reported_at }: ContactRow): Contact {
  return { role, name: name!, title, phone, since, reportedAt: reported_at };
}

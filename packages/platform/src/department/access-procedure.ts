import { type AccessStep, chinaDay, type DepartmentAccess } from '@qianzhi/model';
import { platformErrors } from '../errors.js';
import { hasRole, type PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import type { Departments } from './departments.js';
import { departmentErrors } from './errors.js';

/** 接入手续 (R080): steps on paper that a unit goes through before its front-end machine is invited. */
export interface AccessProcedure {
  /** Throws QZ_PLATFORM_OTHER_DEPARTMENT for a department admin of another. */
  show(caller: PersonCaller, department: string): Promise<DepartmentAccess>;
  /** Recording a step again replaces reference and day. Throws QZ_PLATFORM_ACCESS_STEP_UNKNOWN, _ACCESS_STEP_AHEAD. */
  record(
    caller: PersonCaller,
    department: string,
    step: string,
    done: Pick<AccessStep, 'reference' | 'doneOn'>,
  ): Promise<DepartmentAccess>;
  /** Throws QZ_PLATFORM_ACCESS_INCOMPLETE while a step that config demands is not recorded. */
  requireComplete(department: string): Promise<void>;
}

export function createAccessProcedure(
  { db, audit, now }: PlatformContext,
  departments: Departments,
  wanted: readonly string[],
): AccessProcedure {
  async function stateOf(department: string): Promise<DepartmentAccess> {
    await departments.require(department);
    const rows = await db('access_steps').where({ department }).orderBy(['done_on', 'step']);
    const steps: AccessStep[] = rows.map(({ step, reference, done_on, recorded_by, recorded_at }) => ({
      step,
      reference,
      doneOn: done_on,
      recordedBy: recorded_by,
      recordedAt: recorded_at,
    }));
    const missing = wanted.filter((name) => !steps.some(({ step }) => step === name));
    return { department, steps, missing };
  }

  return {
    async show(caller, department) {
      if (!hasRole(caller, 'security-officer', 'auditor') && caller.department !== department)
        throw platformErrors.OTHER_DEPARTMENT({ account: caller.account, department, what: 'access' });
      return stateOf(department);
    },

    async record(caller, department, step, { reference, doneOn }) {
      await departments.require(department);
      if (wanted.length > 0 && !wanted.includes(step))
        throw departmentErrors.ACCESS_STEP_UNKNOWN({ step, steps: wanted.join(', ') });
      const at = now();
      if (doneOn > chinaDay(at)) throw departmentErrors.ACCESS_STEP_AHEAD({ step, day: doneOn });
      const row = {
        department,
        step,
        reference,
        done_on: doneOn,
        recorded_by: caller.account,
        recorded_at: at.toISOString(),
      };
      await db.transaction(async (trx) => {
        await trx('access_steps').insert(row).onConflict(['department', 'step']).merge();
        const details = { step, reference, doneOn };
        await audit.record(
          { actor: caller, action: 'access.record', object: department, outcome: 'done', details },
          trx,
        );
      });
      return stateOf(department);
    },

    async requireComplete(department) {
      const { missing } = await stateOf(department);
      if (missing.length > 0)
        throw departmentErrors.ACCESS_INCOMPLETE({
          department,
          steps: missing.join(', '),
          step: missing[0]!,
        });
    },
  };
}

import { type Department, isUscc, personRoutes } from '@qianzhi/model';
import type { PlatformContext } from '../server/context.js';
import type { Api } from '../server/serve.js';
import type { Departments } from './departments.js';
import { departmentErrors } from './errors.js';

export function bindDepartments(api: Api, { db, audit }: PlatformContext, departments: Departments): void {
  api.servePerson(personRoutes.listDepartments, async () => ({
    departments: [...(await departments.all())],
  }));

  api.servePerson(personRoutes.putDepartment, async ({ caller, param, body }) => {
    const department: Department = body;
    if (department.id !== param('id')) {
      throw departmentErrors.DEPARTMENT_ID_DIFFERS({ path: param('id'), body: department.id });
    }
    if (department.uscc !== undefined && !isUscc(department.uscc)) {
      throw departmentErrors.DEPARTMENT_CODE_INVALID({ department: department.id });
    }
    await db.transaction(async (trx) => {
      await departments.put(department, trx);
      const { id, police, competent } = department;
      const details = { police, competent };
      await audit.record(
        { actor: caller, action: 'department.put', object: id, outcome: 'done', details },
        trx,
      );
    });
    return department;
  });
}

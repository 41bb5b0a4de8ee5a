import { type Department, isUscc, personRoutes } from '@qianzhi/model';
import type { PlatformContext } from '../server/context.js';
import type { Api } from '../server/serve.js';
import type { AccessProcedure } from './access-procedure.js';
import type { Contacts } from './contacts.js';
import type { Departments } from './departments.js';
import { departmentErrors } from './errors.js';

export interface DepartmentServices {
  readonly departments: Departments;
  readonly contacts: Contacts;
  readonly access: AccessProcedure;
}

export function bindDepartments(
  api: Api,
  { db, audit }: PlatformContext,
  { departments, contacts, access }: DepartmentServices,
): void {
  api.servePerson(personRoutes.roster, async () => ({ roster: await contacts.roster() }));
  api.servePerson(personRoutes.contacts, ({ param }) => contacts.of(param('id')));
  api.servePerson(personRoutes.putContact, ({ caller, param, body }) =>
    contacts.put(caller, param('id'), param('role'), body),
  );
  api.servePerson(personRoutes.vacateContact, ({ caller, param, body }) =>
    contacts.vacate(caller, param('id'), param('role'), body.reason),
  );
  api.servePerson(personRoutes.departmentAccess, ({ caller, param }) => access.show(caller, param('id')));
  api.servePerson(personRoutes.recordAccessStep, ({ caller, param, body }) =>
    access.record(caller, param('id'), param('step'), body),
  );

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
      const { id, police, competent, region = null } = department;
      const details = { police, competent, region };
      await audit.record(
        { actor: caller, action: 'department.put', object: id, outcome: 'done', details },
        trx,
      );
    });
    return department;
  });
}

import type { Knex } from 'knex';
import type { Departments } from '../department/departments.js';
import { platformErrors } from '../errors.js';
import { hasRole, type PersonCaller } from '../server/caller.js';
import { catalogErrors } from './errors.js';
import { providerOf } from './store.js';

/** Throws QZ_PLATFORM_OTHER_DEPARTMENT. */
export function requireOwn(caller: PersonCaller, department: string): void {
  if (caller.department === department) return;
  throw platformErrors.OTHER_DEPARTMENT({ account: caller.account, department, what: 'catalog' });
}

/**
 * The department that provides the resource, where it is the caller's or he approves for a competent one. Throws
 * QZ_PLATFORM_RESOURCE_UNKNOWN or _OTHER_DEPARTMENT.
 */
export async function ownerFor(
  db: Knex,
  departments: Pick<Departments, 'require'>,
  caller: PersonCaller,
  code: string,
): Promise<string> {
  const owner = await providerOf(db, code);
  if (owner === undefined) throw catalogErrors.RESOURCE_UNKNOWN({ resource: code });
  const own = caller.department === null ? undefined : await departments.require(caller.department);
  if (!(own?.competent && hasRole(caller, 'approver'))) requireOwn(caller, owner);
  return owner;
}

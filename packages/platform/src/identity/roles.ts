import type { Role } from '@qianzhi/model';
import { identityErrors } from './errors.js';

/** Roles that stand alone: who sets up the system or watches over it touches no data and decides nothing. */
const alone: readonly Role[] = ['system-admin', 'security-officer', 'auditor'];

/**
 * Who applies never approves, be it as consumer or for the whole department; who administers does not operate (GB/T 39477 6.2,
 * R119).
 */
const apart: readonly (readonly [Role, Role])[] = [
  ['approver', 'consumer'],
  ['approver', 'department-admin'],
  ['department-admin', 'operator'],
];

/** Roles that mean nothing without a department. */
const ofDepartment: readonly Role[] = [
  'department-admin',
  'catalog-editor',
  'approver',
  'operator',
  'consumer',
];

/** Throws QZ_PLATFORM_ROLES_NOT_COMBINABLE or _ACCOUNT_NEEDS_DEPARTMENT. */
export function checkRoles(account: string, department: string | null, wanted: readonly Role[]): void {
  const single = wanted.find((role) => alone.includes(role));
  const other = wanted.find((role) => role !== single);
  if (single && other) throw identityErrors.ROLES_NOT_COMBINABLE({ first: single, second: other });
  for (const [first, second] of apart) {
    if (wanted.includes(first) && wanted.includes(second)) {
      throw identityErrors.ROLES_NOT_COMBINABLE({ first, second });
    }
  }
  const role = wanted.find((candidate) => ofDepartment.includes(candidate));
  if (role && department === null) throw identityErrors.ACCOUNT_NEEDS_DEPARTMENT({ account, role });
}

import { platformErrors } from '../errors.js';
import type { PersonCaller } from '../server/caller.js';

/** Throws QZ_PLATFORM_OTHER_DEPARTMENT. */
export function requireOwn(caller: PersonCaller, department: string): void {
  if (caller.department === department) return;
  throw platformErrors.OTHER_DEPARTMENT({ account: caller.account, department, what: 'catalog' });
}

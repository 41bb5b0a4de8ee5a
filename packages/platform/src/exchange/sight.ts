import { hasRole, type PersonCaller } from '../server/caller.js';

/** Whose streams and deliveries a person may see: all of them, or those of one department. */
export interface Sight {
  readonly all: boolean;
  readonly department: string | null;
}

/** Officer and auditor see all; everyone else sees the own department's side, and without a department nothing. */
export function sightOf(caller: PersonCaller): Sight {
  return { all: hasRole(caller, 'security-officer', 'auditor'), department: caller.department };
}

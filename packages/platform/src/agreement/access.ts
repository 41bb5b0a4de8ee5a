import type { Knex } from 'knex';
import type { Departments } from '../department/departments.js';
import { hasRole, type PersonCaller } from '../server/caller.js';
import { agreementErrors } from './errors.js';
import { type AgreementRow, findAgreement } from './store.js';

/** Who may see an agreement and who decides on it. */
export interface AgreementAccess {
  /** A competent department, security officer and auditor see all, others those they are a party of; null: none. */
  sightOf(caller: PersonCaller): Promise<{ readonly party?: string } | null>;
  /** Throws QZ_PLATFORM_AGREEMENT_UNKNOWN alike for one that is not there and one that is not the caller's to see. */
  visible(caller: PersonCaller, id: string): Promise<AgreementRow>;
  /** Of those who see it, the applicant never decides: QZ_PLATFORM_DECISION_OWN_DEPARTMENT. */
  decidable(caller: PersonCaller, id: string): Promise<AgreementRow>;
}

export function createAgreementAccess(db: Knex, departments: Departments): AgreementAccess {
  async function sightOf(caller: PersonCaller) {
    const { department } = caller;
    if (hasRole(caller, 'security-officer', 'auditor')) return {};
    if (department === null) return null;
    return (await departments.require(department)).competent ? {} : { party: department };
  }

  async function visible(caller: PersonCaller, id: string): Promise<AgreementRow> {
    const row = await findAgreement(db, id);
    const sight = await sightOf(caller);
    const { party } = sight ?? {};
    const seen = sight && (party === undefined || party === row?.provider || party === row?.consumer);
    if (!row || !seen) throw agreementErrors.AGREEMENT_UNKNOWN({ agreement: id });
    return row;
  }

  return {
    sightOf,
    visible,
    async decidable(caller, id) {
      const row = await visible(caller, id);
      requireOther(caller, row.consumer, id);
      return row;
    },
  };
}

/** Nobody decides on what his own department applies for: QZ_PLATFORM_DECISION_OWN_DEPARTMENT. */
export function requireOther(caller: PersonCaller, consumer: string, agreement: string): void {
  if (caller.department === consumer)
    throw agreementErrors.DECISION_OWN_DEPARTMENT({ department: consumer, agreement });
}

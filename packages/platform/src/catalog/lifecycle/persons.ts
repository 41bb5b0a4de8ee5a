import { type CatalogStep, type CatalogStepTaken, catalogStepWords } from '@qianzhi/model';
import { hasRole, type PersonCaller } from '../../server/caller.js';
import { requireOwn } from '../own.js';
import { lifecycleErrors } from './errors.js';
import { type Draft, receiverOf } from './store.js';

/** Whose eyes a step stands for; none of them may be those of an earlier one of the same round. */
const notWhoever: Partial<Record<CatalogStep, readonly CatalogStepTaken['step'][]>> = {
  verify: ['draft', 'submit'],
  register: ['draft', 'submit', 'verify'],
  publish: ['draft', 'submit', 'verify'],
};

/**
 * Whether a person may take a step (R009): the providing department submits and verifies, the competent one registers and publishes, and
 * whoever reviews has not written. What is to be another department's, that one verifies, and an editor of the competent one may submit. Throws QZ_PLATFORM_OTHER_DEPARTMENT, _NOT_COMPETENT or _SAME_PERSON.
 */
export function requireMayTake(
  caller: PersonCaller,
  ofCompetent: boolean,
  draft: Draft,
  step: CatalogStep,
  steps: readonly CatalogStepTaken[],
): void {
  const { code, department, state } = draft;
  const receiver = receiverOf(draft);
  if (step === 'submit' || step === 'discard') {
    // a draft that holds a code is the competent department's to end
    const ends = step === 'discard' && ofCompetent && hasRole(caller, 'approver');
    if (!ends && !(receiver && ofCompetent)) requireOwn(caller, department);
    if (!ends && !hasRole(caller, 'catalog-editor'))
      throw lifecycleErrors.NOT_COMPETENT({
        account: caller.account,
        resource: code,
        step: catalogStepWords[step],
      });
  } else if (step === 'verify' || (step === 'return' && state === 'submitted')) {
    requireOwn(caller, receiver ?? department);
    if (step === 'return' && !hasRole(caller, 'department-admin')) {
      throw lifecycleErrors.NOT_THE_REVIEWER({ account: caller.account, resource: code });
    }
  } else {
    if (!ofCompetent || !hasRole(caller, 'approver')) {
      throw lifecycleErrors.NOT_COMPETENT({
        account: caller.account,
        resource: code,
        step: catalogStepWords[step],
      });
    }
  }
  const start = steps.findLastIndex((one) => one.step === 'return') + 1;
  // what was handed in again as it was is still the text of whoever wrote it
  const written = steps.findLastIndex((one) => one.step === 'draft');
  const round = steps.filter((_, place) => place >= start || place === written);
  const taken = round.find((one) => one.by === caller.account && (notWhoever[step] ?? []).includes(one.step));
  if (taken) {
    throw lifecycleErrors.SAME_PERSON({
      account: caller.account,
      resource: code,
      step: catalogStepWords[taken.step],
    });
  }
}

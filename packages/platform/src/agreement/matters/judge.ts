import type { Application, Deadline, PolicyProfile, Refusal } from '@qianzhi/model';
import type { PersonCaller } from '../../server/caller.js';
import type { Assessment } from '../content.js';
import { matterErrors } from './errors.js';
import type { Standing } from './steps.js';
import type { ReplyDeadline } from './store.js';

/**
 * What the profile demands of an application beyond the rules that hold everywhere: modes it allows (R034), a basis for each item that
 * not everybody may have (R067). Answers whether a mode needs the competent department's consent (R035).
 */
export function checkApplication(
  { id, modes, application: demands }: PolicyProfile,
  { itemBasis = {}, modes: asked }: Pick<Application, 'itemBasis' | 'modes'>,
  { closed }: Pick<Assessment, 'closed'>,
): { readonly consent: boolean } {
  const forbidden = asked.filter((mode) => !modes.allowed.includes(mode));
  if (forbidden.length > 0)
    throw matterErrors.MODE_NOT_ALLOWED({
      profile: id,
      modes: forbidden.join(', '),
      allowed: modes.allowed.join(', '),
    });
  const bare = closed.filter((column) => (itemBasis[column] ?? '').trim() === '');
  if (demands.itemBasis && bare.length > 0)
    throw matterErrors.ITEM_BASIS_REQUIRED({ profile: id, items: bare.join(', ') });
  return { consent: asked.some((mode) => modes.consentNeeded.includes(mode)) };
}

/** A department's internal rule is no ground (R028); where the profile says so, ground and legal basis are stated (R064). */
export function checkRefusal({ matter, profile }: Standing, { ground, legalBasis }: Refusal): void {
  const { agreement } = matter;
  if (ground === 'internal-rule') throw matterErrors.REFUSAL_INTERNAL_RULE({ agreement });
  const stated = ground !== undefined && (legalBasis ?? '').trim() !== '';
  if (profile.application.refusalBasis && !stated)
    throw matterErrors.REFUSAL_BASIS_REQUIRED({ profile: profile.id, agreement });
}

/**
 * Who decides, as the profile has it (R058); a mode that needs the competent department's consent needs it (R035). Where no competent
 * department but the applicant is registered, the provider decides: nobody decides on what his own department applies for.
 */
export function approverOf(
  { approver }: Pick<PolicyProfile, 'approver'>,
  { consent, competentBeside }: { readonly consent: boolean; readonly competentBeside: boolean },
): PolicyProfile['approver'] {
  if (!competentBeside) return 'provider';
  return consent ? 'competent-with-provider' : approver;
}

/** Who decides on what was completed: the same as before, but for a mode that needs consent by now, or no longer does. */
export function approverThen(
  { matter, profile, competentBeside }: Standing,
  consent: boolean,
): PolicyProfile['approver'] {
  return consent === matter.consent ? matter.approver : approverOf(profile, { consent, competentBeside });
}

/**
 * By when an application is to be answered, and the rule that says so (R057–R062). `firstCatalog`: of this department for the resource, which
 * the profile may set apart. `unconditional`: only for what is shared with everybody.
 */
export function replyTerm(
  { replyDays, approver }: PolicyProfile,
  asked: ReplyDeadline,
): { readonly rule: string; readonly deadline: Deadline | null } {
  const { unconditional, firstCatalog, conditional, offCatalog } = replyDays;
  if (asked === 'unconditional') return { rule: 'R057', deadline: unconditional };
  if (asked === 'offCatalog') return { rule: 'R061', deadline: offCatalog };
  if (firstCatalog !== null)
    return asked === 'firstCatalog'
      ? { rule: 'R060', deadline: firstCatalog }
      : { rule: 'R061', deadline: conditional };
  return { rule: approver === 'competent-with-provider' ? 'R059' : 'R058', deadline: conditional };
}

/** Negotiation and ruling are the competent department's, which is not judge of its own application. */
export function requireRulingBody(competentBeside: boolean, department: string): void {
  if (!competentBeside) throw matterErrors.RULING_BODY_NONE({ department });
}

/** Of those who decide, as it was when the reply came to be owed: whether this one decides, or only says what the provider thinks. */
export function roleInDecision(
  { matter, profile, overdue, competentBeside }: Standing,
  { department }: PersonCaller,
  competent: boolean,
): 'decides' | 'opines' {
  const { agreement, provider } = matter;
  const approver = matter.approver ?? approverOf(profile, { consent: matter.consent, competentBeside });
  const named = { profile: profile.id, provider: provider ?? '-', agreement };
  const provides = department === provider;
  if (approver === null) return 'decides';
  if (approver === 'provider') {
    if (provides) return 'decides';
    throw matterErrors.DECISION_NOT_PROVIDER(named);
  }
  if (approver === 'competent-with-provider' && provides && !competent) return 'opines';
  if (!competent) throw matterErrors.MATTER_NOT_COMPETENT({ agreement, department: department ?? '-' });
  const alone = approver === 'competent' || provides || overdue || matter.stage !== 'reply';
  if (!alone && matter.opinion === null) throw matterErrors.OPINION_MISSING(named);
  return 'decides';
}

/** Where the confidentiality agreement is needed, it is signed before anything is granted (R077). */
export function requireSigned({ matter, profile }: Standing): void {
  if (matter.confidentiality === '')
    throw matterErrors.CONFIDENTIALITY_UNSIGNED({ profile: profile.id, agreement: matter.agreement });
}

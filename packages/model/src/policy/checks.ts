import { isRealDate } from '../calendar/date.js';
import type { LocalText } from '../errors/language.js';
import type { PolicyProfile } from './profile.js';

/** What is wrong with a profile, and where, as a JSON pointer. */
export interface PolicyFinding {
  readonly where: string;
  readonly problem: LocalText;
}

/** Not a leap year: a yearly day must exist in every year. */
const COMMON_YEAR = 2027;

/** Contradictions inside a profile, which its schema cannot see. */
export function checkPolicyProfile({ modes, annualReport }: PolicyProfile): PolicyFinding[] {
  const findings: PolicyFinding[] = [];
  const allowed = new Set(modes.allowed);
  if (modes.default !== null && !allowed.has(modes.default))
    findings.push({ where: '/modes/default', problem: notAllowed(modes.default) });
  modes.consentNeeded.forEach((mode, index) => {
    if (!allowed.has(mode))
      findings.push({ where: `/modes/consentNeeded/${index}`, problem: notAllowed(mode) });
  });
  if (annualReport && !isRealDate(COMMON_YEAR, annualReport.month, annualReport.day))
    findings.push({
      where: '/annualReport/day',
      problem: { zh: '不是每年都有这一天', en: 'not every year has that day' },
    });
  return findings;
}

function notAllowed(mode: string): LocalText {
  return {
    zh: `方式 ${mode} 不在 modes.allowed 之内`,
    en: `mode ${mode} is not among modes.allowed`,
  };
}

import { isUscc } from '../identifier/uscc.js';
import type { LegalBasis } from './entry.js';
import { entryFindings as found } from './entry-findings.js';
import { fieldLabels } from './entry-labels.js';
import type { Finding } from './finding.js';
import { formatFinding } from './format-types.js';
import type { CatalogItem, SharingType } from './item.js';
import { regionWithin } from './region.js';
import { type CatalogResource, sharingOf } from './resource.js';

/** Classification: 类 1 digit, 项 2, 目 3; 细目 of any length. */
const LEAST_DIGITS = 6;

/** Contradictions in what only the catalog says of a resource (R002, R012–R016, R021–R032). */
export function checkEntry(
  resource: CatalogResource,
  legalBasisRequiredFor: readonly SharingType[],
  platformRegion?: string,
): Finding[] {
  return [
    ...checkCodes(resource),
    ...formatFinding(resource.format),
    ...checkKind(resource),
    ...checkRegion(resource, platformRegion),
    ...checkCycle(resource),
    ...parts(resource).flatMap((part) => checkGround(part, legalBasisRequiredFor)),
    ...checkLicensing(resource),
    ...checkOpenness(resource),
    ...resource.items.flatMap((item) => checkSensitive(resource, item)),
  ];
}

/** What an entry that is to be registered must say too (R002, R010, R011, R025), and what some jurisdictions ask (R003, R004). */
export function checkComplete(resource: CatalogResource): Finding[] {
  const missing = (names: readonly (keyof CatalogResource)[]) =>
    names.filter((name) => resource[name] === undefined || resource[name] === '');
  const findings: Finding[] = [];
  const required = missing(['summary', 'classification', 'format', 'sharingModes', 'useRequirements']);
  if (required.length > 0) findings.push(found.ENTRY_INCOMPLETE(undefined, listed(required)));
  const local = missing(['dataRange', 'providerUnit', 'system', 'sharingPeriod']);
  if (local.length > 0) findings.push(found.ENTRY_LOCAL_MISSING(undefined, listed(local)));
  if (resource.attribute !== 'department' && resource.lead === undefined) findings.push(found.LEAD_MISSING());
  const conditional = parts(resource).some(({ sharing }) => sharing === 'conditional');
  if (conditional && missing(['sharingScope', 'sharingUse']).length > 0)
    findings.push(found.SCOPE_OR_USE_MISSING());
  return findings;
}

function listed(names: readonly (keyof CatalogResource)[]) {
  return {
    missing: names.map((name) => `${fieldLabels[name].en} (${name})`).join(', '),
    missingZh: names.map((name) => `${fieldLabels[name].zh}(${name})`).join('、'),
  };
}

function checkCodes({ classification, nationalCode, providerCode }: CatalogResource): Finding[] {
  const findings: Finding[] = [];
  if (classification !== undefined && (!/^\d+$/.test(classification) || classification.length < LEAST_DIGITS))
    findings.push(found.CODE_SHORT(undefined, { classification }));
  if (nationalCode !== undefined) {
    const [prefix, serial, ...more] = nationalCode.split('/');
    const fits =
      more.length === 0 &&
      /^\d+$/.test(serial ?? '') &&
      prefix === (classification ?? prefix) &&
      prefix !== '';
    if (!fits)
      findings.push(
        found.CODE_INCONSISTENT(undefined, { nationalCode, classification: classification ?? '–' }),
      );
  }
  if (providerCode !== undefined && !isUscc(providerCode)) findings.push(found.PROVIDER_CODE_INVALID());
  return findings;
}

function checkKind({ code, kind, project, items }: CatalogResource): Finding[] {
  return [
    ...(kind === 'project' && project === undefined ? [found.PROJECT_MISSING()] : []),
    ...(project?.stage === 'registered' && !(project.number && project.acceptedOn)
      ? [found.ACCEPTANCE_MISSING()]
      : []),
    ...(project?.stage === 'pre-compiled' && project.acceptedOn
      ? [found.ACCEPTED_NOT_REGISTERED(undefined, { resource: code })]
      : []),
    ...(kind === 'baseline'
      ? items
          .filter(({ responsible }) => responsible === undefined)
          .map(({ column }) => found.RESPONSIBLE_MISSING(column))
      : []),
  ];
}

function checkRegion({ region }: CatalogResource, platform: string | undefined): Finding[] {
  if (region === undefined || platform === undefined || regionWithin(region, platform)) return [];
  return [found.REGION_OUTSIDE(undefined, { region, platform })];
}

function checkCycle({ updateCycle, sharingModes }: CatalogResource): Finding[] {
  const carried = sharingModes?.every(({ by }) => by !== 'platform');
  return updateCycle === 'realtime' && carried ? [found.CYCLE_MISFIT()] : [];
}

/** The resource, or an item that says of its own how it is shared. */
interface Part {
  readonly item?: string;
  readonly sharing: SharingType;
  readonly basis: readonly LegalBasis[];
}

function parts(resource: CatalogResource): Part[] {
  const whole = { sharing: resource.sharing, basis: resource.legalBasis ?? [] };
  return [
    whole,
    ...resource.items
      .filter((item) => item.legalBasis || sharingOf(resource, item) !== resource.sharing)
      .map((item) => ({
        item: item.column,
        sharing: sharingOf(resource, item),
        basis: item.legalBasis ?? whole.basis,
      })),
  ];
}

function checkGround({ item, sharing, basis }: Part, required: readonly SharingType[]): Finding[] {
  if (sharing === 'unconditional') return [];
  const facts = { what: item ?? '资源', whatEn: item ?? 'the resource' };
  if (basis.length === 0) {
    // not shared at all: the older field may hold the basis, and `checkResource` looks at both
    const missing = sharing === 'conditional' && required.includes('conditional');
    return missing ? [found.CONDITIONAL_BASIS_MISSING(item, facts)] : [];
  }
  return basis.every(({ kind }) => kind === 'internal-rule') ? [found.INTERNAL_RULE_ONLY(item, facts)] : [];
}

/** Personal items may be conditional all the same (R030). */
function checkLicensing(resource: CatalogResource): Finding[] {
  if (!resource.licensing) return [];
  const kept =
    resource.sharing === 'unconditional' &&
    resource.items.every((item) => item.sensitivity || sharingOf(resource, item) === 'unconditional');
  return kept ? [] : [found.LICENSING_NOT_UNCONDITIONAL()];
}

function checkOpenness(resource: CatalogResource): Finding[] {
  const opens = (item: CatalogItem) => (item.openness ?? resource.openness) !== 'closed';
  const anyOpen = resource.openness !== 'closed' || resource.items.some(opens);
  if (!anyOpen) return [];
  return [
    ...(resource.sharing === 'none' ? [found.NOT_SHARED_OPEN()] : []),
    ...(resource.obtainedBySharing ? [found.OBTAINED_OPEN()] : []),
    ...resource.items
      .filter((item) => item.sensitivity && opens(item))
      .map((item) => found.PRIVATE_OPEN(item.column)),
  ];
}

function checkSensitive(resource: CatalogResource, item: CatalogItem): Finding[] {
  const shared = item.sensitivity === 'sensitive' && !item.basic;
  return shared && sharingOf(resource, item) === 'unconditional'
    ? [found.SENSITIVE_UNCONDITIONAL(item.column)]
    : [];
}

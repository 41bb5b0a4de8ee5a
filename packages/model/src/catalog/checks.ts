import { holdsFiles } from '../batch/file-part.js';
import { checkFindings } from './check-findings.js';
import { checkComplete, checkEntry } from './entry-checks.js';
import type { Finding } from './finding.js';
import { checkIdentity } from './identity-checks.js';
import type { SharingType } from './item.js';
import { checkItem } from './item-checks.js';
import { checkStatutory, type ListEntry } from './lists.js';
import { checkQueries } from './query-checks.js';
import { type CatalogResource, keyItems, sharingOf } from './resource.js';

export interface CheckOptions {
  /** Whether the provider is a police department: the others attach the person triple (R048). */
  readonly police: boolean;
  /** Sharing types for which the policy in force asks a stated legal basis (R021–R024); none unless told. */
  readonly legalBasisRequiredFor?: readonly SharingType[];
  /**
   * Whether the entry is to be registered: then it also says what R002, R010, R011 and R025 ask. Without it an entry
   * holds as much as the exchange needs.
   */
  readonly complete?: boolean;
  /** Region of the platform: entries are of it, or of what lies in it (R015). */
  readonly region?: string | undefined;
  /** Lines of the provider's statutory list that name the resource (R017). */
  readonly statutory?: readonly ListEntry[];
}

/**
 * What is wrong with a catalog entry that has the right shape: contradictions, common filling errors, and the rules
 * R010–R014, R021–R032, R045–R048. An entry with a finding of level `error` is not published. Findings come
 * in the order resource, items, identity, query services; the same entry always gives the same list.
 */
export function checkResource(resource: CatalogResource, options: CheckOptions): Finding[] {
  const required = options.legalBasisRequiredFor ?? [];
  return [
    ...checkNames(resource),
    ...checkSharing(resource, required.includes('none')),
    ...checkEntry(resource, required, options.region),
    ...(options.statutory ?? []).flatMap((line) => checkStatutory(line, resource)),
    ...(options.complete ? checkComplete(resource) : []),
    ...(holdsFiles(resource) ? checkFiles(resource) : checkKey(resource)),
    ...resource.items.flatMap((item) => checkItem(item, resource)),
    ...(holdsFiles(resource) ? [] : checkIdentity(resource, options.police)),
    ...checkQueries(resource),
  ];
}

function checkKey(resource: CatalogResource): Finding[] {
  return keyItems(resource).length === 0 ? [checkFindings.NO_KEY()] : [];
}

/** Files travel whole and are granted or not: one item stands for them, and nothing in it can be masked or left out. */
function checkFiles({ items }: CatalogResource): Finding[] {
  const [item] = items;
  return items.length === 1 && item?.type === 'G' && !item.key ? [] : [checkFindings.FILES_ONE_ITEM()];
}

function checkNames(resource: CatalogResource): Finding[] {
  const findings: Finding[] = [];
  if (/(系统|平台|软件|网站|app)$/i.test(withoutSpaces(resource.name)))
    findings.push(checkFindings.SYSTEM_NAME());
  const columns = new Set<string>();
  const names = new Map<string, string>();
  for (const item of resource.items) {
    // Databases fold the case of names, so `Name` and `name` cannot both be columns of a target.
    const column = item.column.toLowerCase();
    if (columns.has(column)) findings.push(checkFindings.DUPLICATE_COLUMN(item.column));
    columns.add(column);
    const name = withoutSpaces(item.name);
    const other = names.get(name);
    if (other !== undefined) findings.push(checkFindings.DUPLICATE_NAME(item.column, { other }));
    else names.set(name, item.column);
  }
  return findings;
}

function checkSharing(resource: CatalogResource, basisRequired: boolean): Finding[] {
  if (resource.sharingCondition?.trim()) return [];
  const bare = resource.items.filter((item) => !item.sharingCondition?.trim());
  const conditional =
    resource.sharing === 'conditional' || bare.some((item) => sharingOf(resource, item) === 'conditional');
  const ungrounded =
    !resource.legalBasis &&
    (resource.sharing === 'none' ||
      bare.some((item) => !item.legalBasis && sharingOf(resource, item) === 'none'));
  const basis = checkFindings.LEGAL_BASIS_MISSING();
  return [
    ...(conditional ? [checkFindings.CONDITION_MISSING()] : []),
    ...(ungrounded ? [basisRequired ? { ...basis, level: 'error' as const } : basis] : []),
  ];
}

function withoutSpaces(text: string): string {
  return text.replace(/[\s\u200b]+/gu, '');
}

import { checkFindings } from './check-findings.js';
import type { Finding } from './finding.js';
import type { CatalogItem, IdentifierScheme } from './item.js';
import { type CatalogResource, keyItems } from './resource.js';

/**
 * Who a row is about must be told by statutory identifiers (惠州 15, 28: R045–R048). The rules ask for identification,
 * which the business key serves best; a certificate number may stay the key of rows of which one person has
 * several, as long as the identity document is among the items, and is then a warning.
 */
export function checkIdentity(resource: CatalogResource, police: boolean): Finding[] {
  if (resource.subject === 'person')
    return [...checkPerson(resource), ...(police ? [] : checkTriple(resource))];
  if (resource.subject === 'organisation') return checkOrganisation(resource);
  return [];
}

function checkPerson(resource: CatalogResource): Finding[] {
  const documents = resource.items.filter(isIdentityDocument);
  const first = documents[0];
  if (!first) return [checkFindings.PERSON_NOT_IDENTIFIED()];
  const keys = keyItems(resource);
  if (keys.length === 0 || documents.some((item) => item.key)) return [];
  return [checkFindings.PERSON_KEY_OTHER(first.column, { keys: columns(keys) })];
}

function checkOrganisation(resource: CatalogResource): Finding[] {
  const keys = keyItems(resource);
  const keyed = (scheme: IdentifierScheme) => keys.some((item) => item.schemes?.includes(scheme));
  if (keyed('uscc')) return [];
  const uscc = resource.items.find((item) => item.schemes?.includes('uscc'));
  if (keyed('regNo')) return uscc ? [checkFindings.REG_NO_DESPITE_USCC(uscc.column)] : [];
  const identified = resource.items.some(
    (item) =>
      item.identifier === 'organisation' ||
      item.schemes?.some((s) => s === 'uscc' || s === 'regNo' || s === 'orgCode'),
  );
  if (!identified) return [checkFindings.ORGANISATION_NOT_IDENTIFIED()];
  return keys.length === 0
    ? []
    : [checkFindings.ORGANISATION_KEY_OTHER(keys[0]?.column, { keys: columns(keys) })];
}

/** R048: 姓名, 证件类型, 证件号码. The type may be said by the number's own name: 公民身份号码 is one type only. */
function checkTriple(resource: CatalogResource): Finding[] {
  const { items } = resource;
  const number = items.find(isIdentityDocument);
  const missing: { zh: string; en: string }[] = [];
  if (!items.some((item) => /姓名$/.test(item.name.trim()))) missing.push({ zh: '姓名', en: 'name (姓名)' });
  const typed = items.some(
    (item) => /证件(类型|种类|类别)(代码)?$/.test(item.name.trim()) || number?.idTypeColumn === item.column,
  );
  const implied = items.find((item) => /(公民身份|身份证)号码?$/.test(item.name.trim()));
  if (!typed && !implied) missing.push({ zh: '证件类型', en: 'identity document type (证件类型)' });
  if (!number) missing.push({ zh: '证件号码', en: 'identity document number (证件号码)' });
  if (missing.length > 0) {
    const missingZh = missing.map((m) => m.zh).join('、');
    return [
      checkFindings.PERSON_TRIPLE_MISSING(undefined, {
        missingZh,
        missingEn: missing.map((m) => m.en).join(', '),
      }),
    ];
  }
  return typed ? [] : [checkFindings.ID_TYPE_IMPLIED(implied?.column)];
}

/** The number of a statutory identity document: by its scheme, or by its name where other documents are allowed too. */
function isIdentityDocument(item: CatalogItem): boolean {
  return (
    item.schemes?.includes('citizenId') === true || /(公民身份|身份证|证件|护照)号码?$/.test(item.name.trim())
  );
}

function columns(items: readonly CatalogItem[]): string {
  return items.map((item) => item.column).join(', ');
}

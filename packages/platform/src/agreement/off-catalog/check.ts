import type { NewOffCatalogRequest, PolicyProfile } from '@qianzhi/model';
import { checkApplication } from '../matters/judge.js';
import { offCatalogErrors } from './errors.js';

/** Matter, basis and modes as of an application (R034, R065–R067). Answers whether a mode needs the competent department's consent. */
export function checkRequest(
  profile: PolicyProfile,
  consumer: string,
  request: NewOffCatalogRequest,
  now: Date,
): boolean {
  const { name, items, purpose, modes, validTo, department } = request;
  const names = items.map((item) => item.name.trim());
  const twice = names.filter((one, at) => names.indexOf(one) !== at);
  if (twice.length > 0) throw offCatalogErrors.REQUEST_ITEMS_TWICE({ items: [...new Set(twice)].join(', ') });
  if (department === consumer) throw offCatalogErrors.REQUEST_OWN_DEPARTMENT({ name, department });
  if (validTo !== undefined && Date.parse(validTo) <= now.getTime())
    throw offCatalogErrors.REQUEST_VALIDITY_PAST({ name, validTo });
  const based = purpose.legalBasis.trim() !== '' || items.every(({ legalBasis }) => legalBasis !== undefined);
  if (purpose.matter.trim() === '' || !based) throw offCatalogErrors.REQUEST_INCOMPLETE({ name });
  const itemBasis = Object.fromEntries(items.map((item) => [item.name, item.legalBasis ?? '']));
  return checkApplication(profile, { itemBasis, modes }, { closed: items.map((item) => item.name) }).consent;
}

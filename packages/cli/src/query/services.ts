import type { CatalogResource, QueryParameter, QueryService } from '@qianzhi/model';

/** `uscc* capital`: parameters, required ones with a star. */
export function parametersText({ parameters }: QueryService): string {
  return parameters.map(({ name, required }) => `${name}${required ? '*' : ''}`).join(' ');
}

/** What a parameter is given as: the item it belongs to, or its own type. */
export function parameterText({ items }: CatalogResource, { item, type, length }: QueryParameter): string {
  const bound = items.find(({ column }) => column === item);
  const [kind, most] = bound ? [bound.type, bound.length] : [type, length];
  return `${item ? `${item} ` : ''}${kind}${most ? `(${most})` : ''}`;
}

/** Who answers, in Chinese and English. */
export function answeredBy(service: QueryService): [string, string] {
  return service.answeredBy === 'platform' ? ['平台', 'platform'] : ['前置机', 'agent'];
}

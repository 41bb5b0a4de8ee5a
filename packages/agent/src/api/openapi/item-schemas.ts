import { type CatalogItem, type CatalogResource, isRequired } from '@qianzhi/model';

/** Part of a JSON Schema (2020-12), which OpenAPI 3.1 takes as it is. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Larger code tables are no enumeration that a person reads or a program branches by. */
const MOST_CODES = 200;

const numbers: Readonly<Partial<Record<CatalogItem['type'], readonly string[]>>> = {
  N: ['string', 'number'],
  Y: ['string', 'number'],
  I: ['string', 'integer'],
  B: ['string', 'number'],
  F: ['string', 'number'],
};

/** A whole record as it is pushed: values as JSON has them. */
export function pushedRecord(resource: CatalogResource): JsonSchema {
  return objectOf(resource, resource.items, (item) => pushedItem(resource, item), isRequired);
}

/** A record as it was received: canonical text of every granted item, null where there is none. */
export function receivedRecord(resource: CatalogResource): JsonSchema {
  const values = (item: CatalogItem) => canonicalItem(resource, item, isRequired(item));
  return objectOf(resource, resource.items, values, () => true);
}

/** The key of a record to delete or to look up. */
export function recordKey(resource: CatalogResource, as: 'pushed' | 'canonical'): JsonSchema {
  const keys = resource.items.filter(({ key }) => key);
  const value = (item: CatalogItem) =>
    as === 'pushed' ? pushedItem(resource, item) : canonicalItem(resource, item, true);
  return objectOf(resource, keys, value, () => true);
}

/** Canonical text of one value, such as a parameter of a query. */
export function canonicalItem(
  { codeTables }: Pick<CatalogResource, 'codeTables'>,
  item: CatalogItem,
  present: boolean,
): JsonSchema {
  const rules = textRules(codeTables, item);
  return { type: present ? 'string' : ['string', 'null'], ...described(item), ...withNull(rules, present) };
}

function pushedItem({ codeTables }: CatalogResource, item: CatalogItem): JsonSchema {
  const present = isRequired(item);
  const types = item.type === 'L' ? ['boolean'] : (numbers[item.type] ?? ['string']);
  const all = present ? types : [...types, 'null'];
  const rules = numbers[item.type] || item.type === 'L' ? {} : textRules(codeTables, item);
  return { type: all.length === 1 ? all[0] : all, ...described(item), ...withNull(rules, present) };
}

function objectOf(
  resource: CatalogResource,
  items: readonly CatalogItem[],
  schemaOf: (item: CatalogItem) => JsonSchema,
  required: (item: CatalogItem) => boolean,
): JsonSchema {
  return {
    type: 'object',
    title: resource.name,
    properties: Object.fromEntries(items.map((item) => [item.column, schemaOf(item)])),
    required: items.filter(required).map(({ column }) => column),
    additionalProperties: false,
  };
}

function textRules(codeTables: CatalogResource['codeTables'], item: CatalogItem): Record<string, unknown> {
  const { type, length, pattern, allow } = item;
  if (type === 'D' && !allow?.length) return { format: 'date' };
  if (type === 'L') return { enum: ['t', 'f'] };
  if (type === 'G') return { pattern: '^\\\\x([0-9a-f]{2})*$' };
  if (type !== 'C' && type !== 'M') return {};
  const codes = item.codeTable === undefined ? [] : Object.keys(codeTables?.[item.codeTable] ?? {});
  if (codes.length > 0 && codes.length <= MOST_CODES) return { enum: codes };
  return {
    ...(length !== undefined && { maxLength: length }),
    ...(pattern !== undefined && { pattern: `^(?:${pattern})$` }),
  };
}

function withNull(rules: Record<string, unknown>, present: boolean): Record<string, unknown> {
  return present || !Array.isArray(rules.enum) ? rules : { ...rules, enum: [...rules.enum, null] };
}

function described({ name, type, precision, scale, instant }: CatalogItem): JsonSchema {
  const digits = precision === undefined ? '' : ` ${precision},${scale ?? 0}`;
  const time = type === 'T' ? ` YYYY-MM-DD HH:MM:SS${instant ? '+00' : ''}` : '';
  return { title: name, description: `${name} (${type}${digits}${time})` };
}

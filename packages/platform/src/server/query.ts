import { checkShape } from '@qianzhi/model';
import type { Static, TSchema } from '@qianzhi/model/schema';

/** A query string as its schema wants it: numbers and booleans read from text, defaults filled, shape checked. */
export function queryOf<T extends TSchema>(schema: T, query: unknown, name: string): Static<T> {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, TSchema>>;
  const entries = Object.entries(query as Readonly<Record<string, unknown>>);
  const read = entries.map(([key, value]) => [key, fromText(properties[key]?.type, value)]);
  return checkShape(schema, Object.fromEntries(read), `${name} query`);
}

function fromText(type: unknown, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'integer' && /^-?\d{1,15}$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

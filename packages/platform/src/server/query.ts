import { checkShape } from '@qianzhi/model';
import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** A query string as its schema wants it: numbers and booleans read from text, defaults filled, shape checked. */
export function queryOf<T extends TSchema>(schema: T, query: unknown, name: string): Static<T> {
  return checkShape(schema, Value.Convert(schema, { ...(query as object) }), `${name} query`);
}

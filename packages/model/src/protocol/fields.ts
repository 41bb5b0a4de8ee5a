import { type TObject, type TPartial, Type } from '@sinclair/typebox';
import { type Role, roles } from './route.js';

/** Pieces that several route tables share. */
export const everyone: readonly Role[] = roles;
export const IdSchema = Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,49}$' });
export const TimeSchema = Type.String({ format: 'date-time' });

/** What changes of something: a property that is left out stays as it is, so no default is filled in for it. */
export function changeOf<T extends TObject>(schema: T): TPartial<T> {
  const properties = Object.fromEntries(
    Object.entries(schema.properties).map(([name, { default: _, ...property }]) => [name, property]),
  );
  return Type.Partial({ ...schema, properties } as T, { additionalProperties: false });
}

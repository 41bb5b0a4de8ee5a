import type { Static, TSchema } from '@sinclair/typebox';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { modelErrors } from './errors.js';

/** Compiling costs milliseconds and a request microseconds, so each schema object is compiled once. */
const compiled = new WeakMap<TSchema, ValidateFunction>();

/**
 * Checks untrusted input against a schema, fills defaults in place and answers it typed.
 * Throws QZ_MODEL_SHAPE_WRONG naming `what`, the place and the problem, never the value.
 */
export function checkShape<T extends TSchema>(schema: T, input: unknown, what: string): Static<T> {
  const validate = validatorOf(schema);
  if (validate(input)) return input as Static<T>;
  const first = validate.errors?.[0];
  const extra =
    first?.params && 'additionalProperty' in first.params ? ` (${first.params.additionalProperty})` : '';
  throw modelErrors.SHAPE_WRONG({
    what,
    where: first?.instancePath || '/',
    problem: `${first?.message ?? 'is not valid'}${extra}`,
  });
}

function validatorOf(schema: TSchema): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  // One Ajv for each schema: schemas share parts by `$id`, which one instance refuses to meet twice, and it would
  // hold every schema for ever.
  const ajv = new Ajv({ allErrors: false, useDefaults: true, strict: false, coerceTypes: false });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  const validate = ajv.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

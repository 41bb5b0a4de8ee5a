import type { Static, TSchema } from '@sinclair/typebox';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { modelErrors } from './errors.js';
import { shapeProblem } from './shape-problem.js';
import { meantFindings } from './shape-union.js';

const ajv = new Ajv({
  allErrors: false,
  useDefaults: true,
  strict: false,
  coerceTypes: false,
  verbose: true,
});
(addFormats as unknown as (ajv: Ajv) => void)(ajv);

const compiled = new WeakMap<TSchema, ValidateFunction>();

/**
 * Checks untrusted input against a schema, fills defaults in place and answers it typed.
 * Throws QZ_MODEL_SHAPE_WRONG naming `what`, the place and the problem, never the value.
 */
export function checkShape<T extends TSchema>(schema: T, input: unknown, what: string): Static<T> {
  const validate = validatorOf(schema);
  if (validate(input)) return input as Static<T>;
  throw modelErrors.SHAPE_WRONG({ what, ...shapeProblem(meantFindings(validate.errors ?? [], check)) });
}

export function hasShape<T extends TSchema>(schema: T, input: unknown): input is Static<T> {
  return validatorOf(schema)(input);
}

function validatorOf(schema: TSchema): ValidateFunction {
  const validate = compiled.get(schema) ?? ajv.compile(plainSchema(schema));
  compiled.set(schema, validate);
  return validate;
}

/** What is wrong with `value` by one of the shapes inside a schema. */
function check(schema: object, value: unknown) {
  const validate = ajv.compile(schema);
  return validate(value) ? [] : (validate.errors ?? []);
}

/**
 * The schema as plain JSON Schema without names: our schemas are embedded in each other, and JSON Schema takes
 * the same `$id` twice for an ambiguous reference.
 */
export function plainSchema(schema: TSchema): TSchema {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === '$id' ? undefined : value))) as TSchema;
}

import type { Static, TSchema } from '@sinclair/typebox';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { modelErrors } from './errors.js';
import { defaultsOf } from './shape-defaults.js';
import { shapeProblem } from './shape-problem.js';
import { quickCheck, type Test } from './shape-quick.js';
import { meantFindings } from './shape-union.js';

/** Decides what the quick check does not know, and says what is wrong with what that refuses. */
const ajv = new Ajv({
  allErrors: false,
  useDefaults: true,
  strict: false,
  coerceTypes: false,
  verbose: true,
  // to shorten the code takes as long as to write it, and saves nothing that could be told
  code: { optimize: false },
});
(addFormats as unknown as (ajv: Ajv) => void)(ajv);

const exact = new WeakMap<TSchema, ValidateFunction>();
const quick = new WeakMap<TSchema, (input: unknown) => boolean>();

/**
 * Checks untrusted input against a schema, fills defaults in place and answers it typed.
 * Throws QZ_MODEL_SHAPE_WRONG naming `what`, the place and the problem, never the value.
 */
export function checkShape<T extends TSchema>(schema: T, input: unknown, what: string): Static<T> {
  if (hasShape(schema, input)) return input;
  const validate = exactly(schema);
  // where the two disagree JSON Schema decides
  if (validate(input)) return input as Static<T>;
  throw modelErrors.SHAPE_WRONG({ what, ...shapeProblem(meantFindings(validate.errors ?? [], check)) });
}

export function hasShape<T extends TSchema>(schema: T, input: unknown): input is Static<T> {
  const test = quick.get(schema) ?? testOf(schema);
  quick.set(schema, test);
  return test(input);
}

function testOf(schema: TSchema): (input: unknown) => boolean {
  const test = quickCheck(schema, formatTest);
  if (!test) return exactly(schema);
  const fill = defaultsOf(schema);
  return (input) => {
    fill?.(input);
    return test(input);
  };
}

function exactly(schema: TSchema): ValidateFunction {
  const validate = exact.get(schema) ?? ajv.compile(plainSchema(schema));
  exact.set(schema, validate);
  return validate;
}

function formatTest(name: string): Test | undefined {
  const format = ajv.formats[name];
  const test = typeof format === 'object' && 'validate' in format ? format.validate : format;
  if (test instanceof RegExp) return (text) => test.test(text);
  return typeof test === 'function' ? (test as Test) : undefined;
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

import { checkShape, isQianzhiError, type LocalText } from '@qianzhi/model';
import type { TSchema } from '@qianzhi/model/schema';
import { parseDocument } from 'yaml';

/** One value a plugin's schema asks for, as a person or a flag gives it. */
export interface ConfigField {
  /** Names from the outside in, joined by dots: `ssl.mode`. What `--set` takes. */
  readonly key: string;
  readonly kind: 'text' | 'integer' | 'number' | 'boolean' | 'choice' | 'structure';
  /** The values of a choice. */
  readonly choices: readonly (string | number | boolean)[];
  /** Without it the config is refused. */
  readonly required: boolean;
  readonly secret: boolean;
  readonly default: unknown;
  /** `中文 / English`, as the schema says it. */
  readonly description: string | undefined;
  /** Judges a value by itself, see `fieldProblem`. */
  readonly schema: TSchema;
}

type JsonSchema = Record<string, unknown>;

/**
 * The fields of a schema in its own order; objects are unfolded, what has no simple form is a `structure` given as YAML. Of
 * alternatives all fields are listed: the schema itself judges what was given.
 */
export function fieldsOf(schema: TSchema): ConfigField[] {
  return unfold(schema as JsonSchema, '', true);
}

function unfold(schema: JsonSchema, prefix: string, required: boolean): ConfigField[] {
  const parts = [...listOf(schema.allOf), ...listOf(schema.anyOf)];
  if (!schema.properties && parts.length > 0 && parts.every(isObject)) {
    const alternative = !schema.allOf;
    const fields = parts.flatMap((part) => unfold(part, prefix, required && !alternative));
    return fields.filter(({ key }, index) => fields.findIndex((other) => other.key === key) === index);
  }
  const needed = new Set(listOf(schema.required) as unknown[]);
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).flatMap(
    ([name, property]) => {
      const key = prefix + name;
      const must = required && needed.has(name) && property.default === undefined;
      return isObject(property) && property.properties
        ? unfold(property, `${key}.`, must)
        : [fieldOf(key, property, must)];
    },
  );
}

function fieldOf(key: string, schema: JsonSchema, required: boolean): ConfigField {
  const choices = choicesOf(schema);
  const kind = choices
    ? 'choice'
    : (({ string: 'text', integer: 'integer', number: 'number', boolean: 'boolean' } as const)[
        String(schema.type)
      ] ?? 'structure');
  return {
    key,
    kind,
    choices: choices ?? [],
    required,
    secret: schema.secret === true,
    default: schema.default,
    description: typeof schema.description === 'string' ? schema.description : undefined,
    schema: schema as TSchema,
  };
}

function choicesOf(schema: JsonSchema): (string | number | boolean)[] | undefined {
  if (Array.isArray(schema.enum)) return schema.enum as string[];
  const options = listOf(schema.anyOf);
  const constants = options.map((option) => option.const);
  return options.length > 0 && constants.every((each) => each !== undefined)
    ? (constants as string[])
    : undefined;
}

/**
 * Those a person is asked for: all up to the last that is required or secret, as schemas name what leads to a database first.
 * The others have defaults.
 */
export function askedFields(fields: readonly ConfigField[]): ConfigField[] {
  const top = fields.filter(({ key }) => !key.includes('.'));
  const last = top.findLastIndex(({ required, secret }) => required || secret);
  return [...top.slice(0, last + 1), ...fields.filter(({ key, required }) => required && key.includes('.'))];
}

/** A text as the value of a field: as it stands where a text is wanted, by the rules of YAML elsewhere. */
export function fieldValue(field: ConfigField | undefined, text: string): unknown {
  if (field?.kind === 'text') return text;
  if (field?.kind === 'choice') return field.choices.find((choice) => String(choice) === text) ?? text;
  const document = parseDocument(text);
  return document.errors.length > 0 ? text : document.toJS();
}

/** Why a value is not one of the field, as far as the field alone says; undefined where it may be. */
export function fieldProblem(field: ConfigField, value: unknown): LocalText | undefined {
  if (typeof value === 'string' && isReference(value)) return undefined; // judged when it is resolved
  try {
    checkShape(field.schema, structuredClone(value), field.key);
    return undefined;
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
    return error.details.problem as LocalText;
  }
}

/** Whether a text only says where a value is to be found: `${file:…}` or `${env:…}`. */
export function isReference(text: string): boolean {
  return /^\$\{(?:file|env):[^}]+\}$/.test(text);
}

/** Values by their keys as a config holds them: `ssl.mode` stands in `ssl`. Later ones win. */
export function nested(values: Iterable<readonly [key: string, value: unknown]>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of values) {
    const steps = key.split('.');
    let place = result;
    for (const step of steps.slice(0, -1)) {
      if (!Object.hasOwn(place, step) || !isObjectValue(place[step])) define(place, step, {});
      place = place[step] as Record<string, unknown>;
    }
    define(place, steps.at(-1)!, value);
  }
  return result;
}

/** An own property under any name, `__proto__` too. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

function isObject(schema: JsonSchema): boolean {
  return schema.type === 'object' || schema.properties !== undefined || schema.allOf !== undefined;
}

function isObjectValue(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? (value as JsonSchema[]) : [];
}

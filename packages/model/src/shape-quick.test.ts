import { Kind, type TSchema, Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as model from './index.js';
import { checkShape, hasShape, plainSchema } from './shape.js';
import { quickCheck } from './shape-quick.js';

const ajv = new Ajv({ useDefaults: true, strict: false });
(addFormats as unknown as (ajv: Ajv) => void)(ajv);

/** Those of the model's root, with bodies, queries and answers of its routes. */
const schemas = within('', model);

function within(name: string, value: unknown): [string, TSchema][] {
  if (typeof value !== 'object' || value === null) return [];
  if (Kind in value) return [[name, value as TSchema]];
  return Object.entries(value).flatMap(([inner, part]) => within(`${name}/${inner}`, part));
}

const formats = (name: string) =>
  ['boolean', 'undefined'].includes(typeof ajv.formats[name]) ? undefined : () => true;

const RUNS = 20;

/** Values that mostly fit, and at each place sometimes do not. */
function valueFor(schema: TSchema): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    fc.constantFrom(null, true, '', 'x', '𠮷', 0, -1, 1.5, 1e9, '2026-02-30', '2026-01-01T08:00:00+08:00'),
    fc.constantFrom({}, [], [''], ['a', 'a'], { a: 1 }),
  );
  return fc.oneof({ weight: 30, arbitrary: fitting(schema) }, { weight: 1, arbitrary: odd });
}

function fitting(schema: TSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.anyOf) return fc.oneof(...(schema.anyOf as TSchema[]).map(valueFor));
  if (schema.allOf)
    return fc
      .tuple(...(schema.allOf as TSchema[]).map(valueFor))
      .map((parts) => Object.assign({}, ...(parts as object[])) as unknown);
  if (schema.patternProperties) {
    const [part] = Object.values<TSchema>(schema.patternProperties);
    return fc.dictionary(fc.constantFrom('a', 'b', 'cd', 'E', '五'), valueFor(part!), { maxKeys: 2 });
  }
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return Array.isArray(schema.items)
        ? fc.tuple(...(schema.items as TSchema[]).map(valueFor))
        : fc.array(valueFor(schema.items as TSchema), {
            maxLength: 2,
            minLength: Math.min(schema.minItems ?? 0, 2),
          });
    case 'integer':
      return fc.integer({ min: (schema.minimum as number) ?? -1, max: (schema.maximum as number) ?? 9 });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return textOf(schema);
    default:
      return fc.constantFrom(null, 1, 'x', {}, []);
  }
}

function objectOf({ properties, required = [], additionalProperties }: TSchema): fc.Arbitrary<unknown> {
  const parts = Object.fromEntries(
    Object.entries<TSchema>(properties).map(([name, part]) => [name, valueFor(part)]),
  );
  const value = fc.record(parts, { requiredKeys: required as string[] });
  const foreign = additionalProperties === undefined ? 5 : 1;
  return fc.oneof(
    { weight: 20, arbitrary: value },
    { weight: foreign, arbitrary: value.map((fit) => ({ ...fit, foreign: 1 })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(value, fc.nat())
        .map(([fit, at]) =>
          Object.fromEntries(Object.entries(fit).filter((_, i, all) => i !== at % all.length)),
        ),
    },
  );
}

function textOf({ pattern, format, minLength = 0, maxLength = 20 }: TSchema): fc.Arbitrary<string> {
  if (/\(\?[=!]/.test((pattern as string) ?? '')) return fc.constantFrom('a.csv', '/a', '..', '');
  if (pattern) return fc.stringMatching(new RegExp(pattern as string, 'u'));
  if (format === 'date') return fc.constantFrom('2026-11-29', '2026-13-01');
  if (format)
    return fc.constantFrom('2026-11-29T08:00:00Z', '2026-11-29T08:00:00.123+08:00', 'https://a.example/x');
  const unit = fc.constantFrom('a', '路', '𠮷', '\n');
  return fc
    .array(unit, { minLength: Math.max(minLength - 1, 0), maxLength: maxLength + 1, size: 'medium' })
    .map((units) => units.join(''));
}

describe('the quick check', () => {
  it('knows every schema of the model', () => {
    expect(schemas.length).toBeGreaterThan(400);
    const unknown = schemas.filter(([, schema]) => !quickCheck(schema, formats));
    expect(unknown.map(([name]) => name)).toEqual([]);
  });

  it('decides as JSON Schema does, and fills the same defaults', () => {
    const seen = { fits: 0, misfits: 0 };
    const ofRoot = schemas.filter(([name]) => name.lastIndexOf('/') === 0);
    for (const [name, schema] of ofRoot) {
      const validate = ajv.compile(plainSchema(schema));
      const property = fc.property(valueFor(schema), (value) => {
        const [ours, theirs] = [structuredClone(value), structuredClone(value)];
        const fits = validate(theirs);
        expect(hasShape(schema, ours), name).toBe(fits);
        if (fits) expect(ours, name).toEqual(theirs);
        seen[fits ? 'fits' : 'misfits']++;
      });
      fc.assert(property, { numRuns: RUNS });
    }
    expect(Math.min(seen.fits, seen.misfits)).toBeGreaterThan(RUNS * ofRoot.length * 0.2);
  });

  it('counts characters, and reads patterns by characters', () => {
    const two = Type.String({ minLength: 2, maxLength: 2 });
    expect(['𠮷', '𠮷𠮷', '𠮷𠮷𠮷', 'ab'].map((text) => hasShape(two, text))).toEqual([
      false,
      true,
      false,
      true,
    ]);
    const one = Type.String({ pattern: '^[^x]$' });
    expect(['𠮷', 'a', 'ab'].map((text) => hasShape(one, text))).toEqual([true, true, false]);
  });

  it('fills a default within one and in lists and records, but none of a union', () => {
    const inner = Type.Object({ a: Type.Integer({ default: 1 }) });
    const schema = Type.Object({
      one: Type.Object(inner.properties, { default: {} }),
      list: Type.Array(inner),
      record: Type.Record(Type.String(), inner),
      union: Type.Union([Type.Object({ a: Type.Optional(Type.Integer({ default: 1 })) }), Type.Null()]),
    });
    const value = { list: [{}], record: { x: {} }, union: {} };
    expect(hasShape(schema, value)).toBe(true);
    expect(value).toEqual({ one: { a: 1 }, list: [{ a: 1 }], record: { x: { a: 1 } }, union: {} });
  });

  it.each([
    ['a keyword it does not enforce', Type.Object({ a: Type.Integer() }, { minProperties: 1 })],
    ['a required name without a schema', { ...Type.Object({ a: Type.Integer() }), required: ['a', 'b'] }],
    ['a kind it does not know', Type.Unsafe<string>({ type: 'string' })],
    ['one that TypeBox did not make', { type: 'object', required: ['a'] }],
    ['a format that is not tested', Type.Object({ a: Type.String({ format: 'binary' }) })],
  ])('leaves %s to ajv', (_, schema) => {
    expect(quickCheck(schema as TSchema, formats)).toBeUndefined();
    expect(hasShape(schema as TSchema, null)).toBe(false);
  });

  it('lets no schema pass that is none, as a plugin may bring it', () => {
    const wrong = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: 'a',
    } as unknown as TSchema;
    expect(() => checkShape(wrong, { a: 'x' }, 'config')).toThrow(/schema is invalid/);
    expect(() => hasShape(wrong, { a: 'x' })).toThrow(/schema is invalid/);
  });
});

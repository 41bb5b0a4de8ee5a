import { Kind, type TSchema, TypeRegistry } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';

export type Test = (value: string) => boolean;

/** A text, tested as JSON Schema says: TypeBox counts UTF-16 units where characters are meant, and reads patterns without `u`. */
const TEXT = 'QianzhiText';
TypeRegistry.Set<{ readonly test: Test }>(
  TEXT,
  ({ test }, value) => typeof value === 'string' && test(value),
);

const bounds = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];
/** What TypeBox enforces of each kind; a schema that says more is not checked by it. */
const enforced: Readonly<Record<string, readonly string[]>> = {
  Any: [],
  Unknown: [],
  Unsafe: [],
  Null: ['type'],
  Boolean: ['type'],
  Integer: ['type', ...bounds],
  Number: ['type', ...bounds],
  Literal: ['type', 'const'],
  String: ['type', 'minLength', 'maxLength', 'pattern', 'format'],
  Array: ['type', 'items', 'minItems', 'maxItems', 'uniqueItems'],
  Tuple: ['type', 'items', 'minItems', 'maxItems', 'additionalItems'],
  Object: ['type', 'properties', 'required', 'additionalProperties'],
  Record: ['type', 'patternProperties', 'additionalProperties'],
  Union: ['anyOf'],
  Intersect: ['type', 'allOf'],
};
const annotations = ['$id', 'title', 'description', 'default', 'examples'];

/**
 * A check by TypeBox's compiler, which takes a tenth of what ajv takes to compile, and decides JSON values alike. Undefined for a schema that
 * says what TypeBox does not enforce. `formats` answers how one of the name is tested.
 */
export function quickCheck(
  schema: TSchema,
  formats: (name: string) => Test | undefined,
): ((value: unknown) => boolean) | undefined {
  let known = true;
  const rebuilt = rebuild(schema);
  if (!known) return undefined;
  const compiled = TypeCompiler.Compile(rebuilt);
  return (value) => compiled.Check(value);

  function rebuild(part: TSchema): TSchema {
    const kind = part[Kind];
    const allowed = enforced[kind];
    const keywords = Object.keys(part).filter((keyword) => !annotations.includes(keyword));
    known &&= allowed !== undefined && keywords.every((keyword) => allowed.includes(keyword));
    known &&= (part.required ?? []).every((name: string) => name in part.properties);
    if (!known) return part;
    if (kind === 'String') return { [Kind]: TEXT, test: testOf(part) } as unknown as TSchema;
    const inner = keywords.map((keyword) => [keyword, rebuiltKeyword(keyword, part[keyword])]);
    return { ...Object.fromEntries(inner), [Kind]: kind === 'Unsafe' ? 'Unknown' : kind };
  }

  function rebuiltKeyword(keyword: string, said: unknown): unknown {
    switch (keyword) {
      case 'properties':
      case 'patternProperties':
        return Object.fromEntries(
          Object.entries(said as object).map(([name, part]) => [name, rebuild(part)]),
        );
      case 'items':
      case 'anyOf':
      case 'allOf':
        return Array.isArray(said) ? said.map(rebuild) : rebuild(said as TSchema);
      case 'additionalProperties':
        return typeof said === 'object' ? rebuild(said as TSchema) : said;
      default:
        return said;
    }
  }

  function testOf({ minLength = 0, maxLength, pattern, format }: TSchema): Test {
    const tests: Test[] = [];
    if (minLength > 0) tests.push((text) => text.length >= minLength && lengthOf(text) >= minLength);
    if (maxLength !== undefined)
      tests.push((text) => text.length <= maxLength || lengthOf(text) <= maxLength);
    if (pattern !== undefined) {
      const form = new RegExp(pattern, 'u');
      tests.push((text) => form.test(text));
    }
    if (format !== undefined) {
      const test = formats(format);
      if (test) tests.push(test);
      else known = false;
    }
    return (text) => tests.every((test) => test(text));
  }
}

/** In characters. */
function lengthOf(text: string): number {
  return /[\ud800-\udfff]/.test(text) ? [...text].length : text.length;
}

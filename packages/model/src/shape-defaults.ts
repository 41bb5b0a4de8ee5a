import type { TSchema } from '@sinclair/typebox';

type Fill = (value: unknown) => void;
type Values = Record<string, unknown>;

/** Fills what is missing with a schema's defaults, in place: in objects and lists at any depth, nowhere inside a union. Undefined where it has none. */
export function defaultsOf(schema: TSchema): Fill | undefined {
  const fills = [
    ...(schema.allOf ?? []).map(defaultsOf),
    propertiesOf(schema),
    othersOf(schema),
    itemsOf(schema),
  ].filter((fill): fill is Fill => fill !== undefined);
  return fills.length === 0
    ? undefined
    : (value) => {
        for (const fill of fills) fill(value);
      };
}

function propertiesOf({ properties = {} }: TSchema): Fill | undefined {
  const parts = Object.entries<TSchema>(properties)
    .map(([name, part]) => ({ name, absent: part.default, fill: defaultsOf(part) }))
    .filter(({ absent, fill }) => absent !== undefined || fill);
  if (parts.length === 0) return undefined;
  return (value) => {
    if (!isObject(value)) return;
    for (const { name, absent, fill } of parts) {
      if (value[name] === undefined && absent !== undefined) value[name] = structuredClone(absent);
      fill?.(value[name]);
    }
  };
}

/** Of names that are not listed, in TypeBox a record's. */
function othersOf({
  properties = {},
  patternProperties = {},
  additionalProperties,
}: TSchema): Fill | undefined {
  const patterns = Object.entries<TSchema>(patternProperties).map(([pattern, part]) => ({
    pattern: new RegExp(pattern, 'u'),
    fill: defaultsOf(part),
  }));
  const others = typeof additionalProperties === 'object' ? defaultsOf(additionalProperties) : undefined;
  if (!others && patterns.every(({ fill }) => !fill)) return undefined;
  return (value) => {
    if (!isObject(value)) return;
    for (const name of Object.keys(value)) {
      const meant = patterns.filter(({ pattern }) => pattern.test(name));
      for (const { fill } of meant) fill?.(value[name]);
      if (meant.length === 0 && !(name in properties)) others?.(value[name]);
    }
  };
}

function itemsOf({ items }: TSchema): Fill | undefined {
  if (items === undefined) return undefined;
  const fills = Array.isArray(items) ? items.map(defaultsOf) : undefined;
  const fill = fills ? undefined : defaultsOf(items);
  if (!fill && !fills?.some((each) => each)) return undefined;
  return (value) => {
    if (!Array.isArray(value)) return;
    for (const [at, item] of value.entries()) (fill ?? fills?.[at])?.(item);
  };
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { ShapeFinding } from './shape-problem.js';

/** A finding with the schema and the value it is about, as ajv's `verbose` adds them. */
export interface VerboseFinding extends ShapeFinding {
  readonly schema?: unknown;
  readonly data?: unknown;
}

interface Variant {
  readonly properties?: Readonly<Record<string, { readonly const?: unknown }>>;
}

/**
 * A value that fits no variant of a union fails each of them; the first complaint is mostly about a variant that was not meant.
 * Where a property tells the variants apart, only what it says decides: it is missing, names none, or what its variant misses.
 */
export function meantFindings(
  findings: readonly VerboseFinding[],
  check: (schema: object, value: unknown) => readonly VerboseFinding[],
): readonly ShapeFinding[] {
  const union = findings.at(-1);
  if (union?.keyword !== 'anyOf' || !Array.isArray(union.schema)) return findings;
  const { data, instancePath = '' } = union;
  const variants = union.schema as readonly (Variant & object)[];
  const name = discriminatorOf(variants);
  if (name === undefined || typeof data !== 'object' || data === null || Array.isArray(data)) return findings;
  const chosen = (data as Readonly<Record<string, unknown>>)[name];
  if (chosen === undefined) {
    return [
      { keyword: 'required', instancePath, message: `must have ${name}`, params: { missingProperty: name } },
    ];
  }
  const known = variants.map((variant) => constantOf(variant, name));
  const meant = variants[known.indexOf(chosen)];
  if (meant === undefined) {
    return [{ keyword: 'enum', instancePath: `${instancePath}/${name}`, params: { allowedValues: known } }];
  }
  const inner = meantFindings(check(meant, data), check);
  return inner.map((finding) => ({
    ...finding,
    instancePath: `${instancePath}${finding.instancePath ?? ''}`,
  }));
}

/** The property whose constant differs in every variant. */
function discriminatorOf(variants: readonly Variant[]): string | undefined {
  return Object.keys(variants[0]?.properties ?? {}).find((name) => {
    const constants = variants.map((variant) => constantOf(variant, name));
    return !constants.includes(undefined) && new Set(constants).size === variants.length;
  });
}

function constantOf({ properties }: Variant, name: string): unknown {
  return properties?.[name]?.const;
}

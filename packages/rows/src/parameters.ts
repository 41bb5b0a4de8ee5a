import { type CatalogItem, type CatalogResource, parameterItem, type QueryService } from '@qianzhi/model';
import type { RejectReason } from './reasons.js';
import { createRowWriter } from './row-writer.js';
import { canonicalizer } from './types/canonical-text.js';
import { compileValidator } from './validator/compile.js';

/** The first value that is none: which set (from 0), which item, why. */
export interface BadValue {
  readonly set: number;
  readonly item: string;
  readonly reason: RejectReason;
}

export interface ValueCheck {
  /** Canonical texts of the sets, by item; left out and null are both null. */
  readonly sets: readonly Readonly<Record<string, string | null>>[];
  readonly bad: BadValue | undefined;
}

/** Compiles items as parameters: their values are judged by the catalog's rules, as those of rows are. */
export function compileParameters(
  items: readonly CatalogItem[],
  codeTables: CatalogResource['codeTables'] = {},
): (sets: readonly Readonly<Record<string, string | null>>[]) => ValueCheck {
  if (items.length === 0) return (sets) => ({ sets: sets.map(() => ({})), bad: undefined });
  const { validate } = compileValidator({
    code: 'parameters',
    name: 'parameters',
    summary: '',
    department: '',
    attribute: 'department',
    subject: 'other',
    sharing: 'none',
    openness: 'closed',
    updateCycle: 'irregular',
    schemaVersion: 1,
    items: items.map((item) => ({ ...item, onInvalid: 'quarantine' as const })),
    codeTables,
  });
  const spell = items.map((item) => canonicalizer(item));
  return (given) => {
    const writer = createRowWriter(1024);
    const sets = given.map((values) => {
      writer.begin('S');
      const canonical: Record<string, string | null> = {};
      items.forEach(({ column }, at) => {
        const value = (Object.hasOwn(values, column) ? values[column] : null) ?? null;
        canonical[column] = value === null ? null : (spell[at]?.(value) ?? value);
        writer.text(canonical[column]!);
      });
      writer.end();
      return canonical;
    });
    const [first] = validate(writer.take()).rejected;
    const bad = first && { set: first.row - 1, item: first.column ?? '*', reason: first.reason };
    return { sets, bad };
  };
}

type Check = ReturnType<typeof compileParameters>;

/** Entries stay the same objects for as long as they are at hand: what is asked again is compiled once. */
const known = new WeakMap<QueryService, { readonly resource: CatalogResource; readonly check: Check }>();

/** Judges the parameters of a query service of the resource. */
export function serviceParameters(service: QueryService, resource: CatalogResource): Check {
  const before = known.get(service);
  if (before?.resource === resource) return before.check;
  const items = service.parameters.map((parameter) => parameterItem(resource.items, parameter));
  const check = compileParameters(items, resource.codeTables);
  known.set(service, { resource, check });
  return check;
}

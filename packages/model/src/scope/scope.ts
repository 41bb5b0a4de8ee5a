import { type Static, Type } from '@sinclair/typebox';

/** At most so much in one row scope: it is judged for every row, and a person must be able to read it. */
export const scopeLimits = { characters: 4000, depth: 16, conditions: 200, values: 500 } as const;

/** A row scope as text: a condition over items of the resource. See `readScope`. */
export const ScopeTextSchema = Type.String({
  maxLength: scopeLimits.characters,
  description: "行范围,如 行政区划 = '441302' / row scope: only rows this condition is true of",
});
export type ScopeText = Static<typeof ScopeTextSchema>;

export const scopeComparisons = ['=', '<>', '<=', '>=', '<', '>'] as const;
export type ScopeComparison = (typeof scopeComparisons)[number];

/** A constant: how it is written, and its text; in a bound scope the item's canonical text without padding. */
export interface ScopeValue {
  readonly form: 'text' | 'number' | 'date' | 'boolean';
  readonly text: string;
  /** Character of the scope's text it stands at, from 1. */
  readonly at: number;
}

/**
 * A row scope. In a bound one `item` is a column. Conditions have the three values of SQL: one on a null is unknown (`is
 * null` excepted), and a row is in scope where the whole is true. A special value (infinity, NaN, a zero date) is
 * compared with nothing: unknown as well. Text is ordered by code points.
 */
export type Scope =
  | ({
      readonly kind: 'compare';
      readonly comparison: ScopeComparison;
      readonly value: ScopeValue;
    } & ScopeItem)
  | ({ readonly kind: 'in'; readonly values: readonly ScopeValue[] } & ScopeItem)
  | ({ readonly kind: 'starts'; readonly value: ScopeValue } & ScopeItem)
  | ({ readonly kind: 'null' } & ScopeItem)
  | { readonly kind: 'not'; readonly part: Scope }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Scope[] };

interface ScopeItem {
  readonly item: string;
  readonly at: number;
}

/** Columns that a bound scope looks at, each once. */
export function scopeColumns(scope: Scope): readonly string[] {
  const found = new Set<string>();
  const walk = (one: Scope): void => {
    if (one.kind === 'not') walk(one.part);
    else if ('parts' in one) one.parts.forEach(walk);
    else found.add(one.item);
  };
  walk(scope);
  return [...found];
}

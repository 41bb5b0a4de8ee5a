import type { ValueRule } from './rewrite-rows.js';

/**
 * Translates a catalog code into the target's own value. A code without one cannot be written: a value that nobody
 * translated would be taken for one of the target's own codes.
 */
export function codeRule(codes: Readonly<Record<string, string | null>>): ValueRule {
  const values = new Map(Object.entries(codes));
  return (code) => {
    const value = values.get(code);
    return value === undefined ? { reason: 'untranslated-code' } : value;
  };
}

/** First one rule, then the other on what it answered. */
export function chained(first: ValueRule | undefined, then: ValueRule | undefined): ValueRule | undefined {
  if (!first || !then) return first ?? then;
  return (text) => {
    const value = first(text);
    return typeof value === 'string' ? then(value) : value;
  };
}

import type { Scope, ScopeValue } from './scope.js';
import { scopeWords } from './tokens.js';

/** The one spelling of a scope: `parseScope` reads it back to the same. */
export function printScope(scope: Scope): string {
  switch (scope.kind) {
    case 'or':
      return scope.parts.map((part) => printScope(part)).join(' or ');
    case 'and':
      return scope.parts.map((part) => within(part, part.kind === 'or')).join(' and ');
    case 'not': {
      const { part } = scope;
      if (part.kind === 'null') return `${printName(part.item)} is not null`;
      if (part.kind === 'in') return `${printName(part.item)} not in ${printList(part.values)}`;
      return `not ${within(part, part.kind === 'or' || part.kind === 'and')}`;
    }
    case 'null':
      return `${printName(scope.item)} is null`;
    case 'in':
      return `${printName(scope.item)} in ${printList(scope.values)}`;
    case 'starts':
      return `${printName(scope.item)} starts with ${printValue(scope.value)}`;
    case 'compare':
      return `${printName(scope.item)} ${scope.comparison} ${printValue(scope.value)}`;
  }
}

function within(part: Scope, enclosed: boolean): string {
  return enclosed ? `(${printScope(part)})` : printScope(part);
}

function printList(values: readonly ScopeValue[]): string {
  return `(${values.map(printValue).join(', ')})`;
}

function printValue({ form, text }: ScopeValue): string {
  return form === 'text' ? `'${text.replaceAll("'", "''")}'` : text;
}

const BARE = /^[\p{L}_][\p{L}\p{N}_]*$/u;

function printName(name: string): string {
  const word = (scopeWords as readonly string[]).includes(name.toLowerCase());
  return BARE.test(name) && !word ? name : `"${name}"`;
}

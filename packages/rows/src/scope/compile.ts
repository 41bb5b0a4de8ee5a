import { type CatalogItem, type CatalogResource, readScope, type Scope, scopeColumns } from '@qianzhi/model';
import { rowOffsets } from '../decode.js';
import { keySpans } from '../keys.js';
import { opByte } from '../op.js';
import { orderOf, sameText, startsWith } from './compare-field.js';

export interface RowScope {
  /** The condition for each row of a block, whose form was checked before: 1 where it is true. A delete (key alone) has 0. */
  judge(block: Uint8Array): Uint8Array;
}

/** The three values of a condition, ordered so that `and` is the least and `or` the greatest. */
type Truth = 0 | 1 | 2;
const FALSE = 0;
const UNKNOWN = 1;
const TRUE = 2;

type Condition = (b: Uint8Array, spans: Int32Array) => Truth;

/**
 * Compiles a row scope into conditions over the bytes of row text. This is the one place where a scope is judged. Throws the
 * QZ_MODEL_SCOPE_* error of a text that does not fit the resource.
 */
export function compileScope(resource: CatalogResource, text: string): RowScope {
  const scope = readScope(text, resource);
  const columns = scopeColumns(scope);
  const fields = resource.items.flatMap((item, at) => (columns.includes(item.column) ? [at] : []));
  const places = new Map(fields.map((field, at) => [resource.items[field]!.column, at]));
  const items = new Map(resource.items.map((item) => [item.column, item]));
  const condition = conditionOf(scope, places, items);
  const spans = new Int32Array(fields.length * 2);
  return {
    judge(block) {
      const offsets = rowOffsets(block);
      const found = new Uint8Array(offsets.length - 1);
      for (let row = 0; row < found.length; row++) {
        const start = offsets[row]!;
        if (block[start] === opByte.D) continue;
        keySpans(block, start, fields, spans, 0);
        if (condition(block, spans) === TRUE) found[row] = 1;
      }
      return found;
    },
  };
}

function conditionOf(
  scope: Scope,
  places: ReadonlyMap<string, number>,
  items: ReadonlyMap<string, CatalogItem>,
): Condition {
  switch (scope.kind) {
    case 'and':
    case 'or': {
      const parts = scope.parts.map((part) => conditionOf(part, places, items));
      return scope.kind === 'and' ? least(parts) : greatest(parts);
    }
    case 'not': {
      const part = conditionOf(scope.part, places, items);
      return (b, spans) => (TRUE - part(b, spans)) as Truth;
    }
  }
  const at = 2 * places.get(scope.item)!;
  const item = items.get(scope.item)!;
  switch (scope.kind) {
    case 'null':
      return (b, spans) => (isNull(b, spans, at) ? TRUE : FALSE);
    case 'starts':
      return ofField(at, truthOf(startsWith(scope.value.text)));
    case 'in':
      return ofField(at, greatestOf(scope.values.map(({ text }) => equals(item, text))));
    case 'compare': {
      const { comparison } = scope;
      const text = valueText(item, scope.value.text);
      if (comparison === '=') return ofField(at, equals(item, scope.value.text));
      const order = orderOf(item, text);
      return ofField(at, (b, start, end) => {
        const found = order(b, start, end);
        if (Number.isNaN(found)) return UNKNOWN;
        switch (comparison) {
          case '<>':
            return found !== 0 ? TRUE : FALSE;
          case '<':
            return found < 0 ? TRUE : FALSE;
          case '<=':
            return found <= 0 ? TRUE : FALSE;
          case '>':
            return found > 0 ? TRUE : FALSE;
          case '>=':
            return found >= 0 ? TRUE : FALSE;
        }
      });
    }
  }
}

type FieldTruth = (b: Uint8Array, start: number, end: number) => Truth;

/** A condition on null is unknown. */
function ofField(at: number, truth: FieldTruth): Condition {
  return (b, spans) => (isNull(b, spans, at) ? UNKNOWN : truth(b, spans[at]!, spans[at + 1]!));
}

function equals(item: CatalogItem, text: string): FieldTruth {
  if ('CML'.includes(item.type)) return truthOf(sameText(valueText(item, text)));
  const order = orderOf(item, text);
  return (b, start, end) => {
    const found = order(b, start, end);
    return Number.isNaN(found) ? UNKNOWN : found === 0 ? TRUE : FALSE;
  };
}

/** As the value stands in row text: a logical one as t or f. */
function valueText(item: CatalogItem, text: string): string {
  return item.type === 'L' ? text[0]! : text;
}

function truthOf(test: (b: Uint8Array, start: number, end: number) => boolean): FieldTruth {
  return (b, start, end) => (test(b, start, end) ? TRUE : FALSE);
}

function greatestOf(truths: readonly FieldTruth[]): FieldTruth {
  return (b, start, end) => {
    let found: Truth = FALSE;
    for (const truth of truths) {
      const one = truth(b, start, end);
      if (one === TRUE) return TRUE;
      if (one > found) found = one;
    }
    return found;
  };
}

function least(parts: readonly Condition[]): Condition {
  return (b, spans) => {
    let found: Truth = TRUE;
    for (const part of parts) {
      const one = part(b, spans);
      if (one === FALSE) return FALSE;
      if (one < found) found = one;
    }
    return found;
  };
}

function greatest(parts: readonly Condition[]): Condition {
  return (b, spans) => {
    let found: Truth = FALSE;
    for (const part of parts) {
      const one = part(b, spans);
      if (one === TRUE) return TRUE;
      if (one > found) found = one;
    }
    return found;
  };
}

function isNull(b: Uint8Array, spans: Int32Array, at: number): boolean {
  const start = spans[at]!;
  return spans[at + 1]! - start === 2 && b[start] === 92 && b[start + 1] === 78;
}

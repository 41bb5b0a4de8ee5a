import { isCanonicalBound } from '../catalog/bounds.js';
import type { CatalogItem } from '../catalog/item.js';
import { type CatalogResource, sharingOf } from '../catalog/resource.js';
import type { LocalText } from '../errors/language.js';
import { modelErrors } from '../errors.js';
import { parseScope } from './parse.js';
import { printScope } from './print.js';
import type { Scope, ScopeValue } from './scope.js';

/** Reads a scope and holds it against the resource: items become columns, values the items' canonical texts. */
export function readScope(text: string, resource: CatalogResource): Scope {
  return bindScope(parseScope(text, resource.code), resource);
}

/** The scope's one spelling against a resource: equal scopes written differently are mostly equal then. */
export function canonicalScope(text: string, resource: CatalogResource): string {
  return printScope(readScope(text, resource));
}

/**
 * Rows that are in both; in its canonical spelling. Undefined is all rows. A condition that both have stands once: whoever narrows
 * often repeats what was asked.
 */
export function narrowedScope(
  wider: string | undefined,
  narrower: string | undefined,
  resource: CatalogResource,
): string | undefined {
  const [first, second] = [wider, narrower].flatMap((text) =>
    text === undefined ? [] : [readScope(text, resource)],
  );
  if (first === undefined || second === undefined) return first && printScope(first);
  const parts = new Map([first, second].flatMap(conditionsOf).map((part) => [printScope(part), part]));
  const [one, ...more] = parts.values();
  // read again: together they may be over a limit
  return canonicalScope(
    printScope(more.length === 0 ? one! : { kind: 'and', parts: [one!, ...more] }),
    resource,
  );
}

/** All of them hold where the scope does. */
function conditionsOf(scope: Scope): readonly Scope[] {
  return scope.kind === 'and' ? scope.parts.flatMap(conditionsOf) : [scope];
}

/**
 * An item is named by its column or its name. Throws QZ_MODEL_SCOPE_ITEM (data) for an item the resource has not, or not
 * shares, and QZ_MODEL_SCOPE_VALUE (data) for a value or comparison that does not fit the item's type.
 */
export function bindScope(scope: Scope, resource: CatalogResource): Scope {
  switch (scope.kind) {
    case 'and':
    case 'or':
      return { kind: scope.kind, parts: scope.parts.map((part) => bindScope(part, resource)) };
    case 'not':
      return { kind: 'not', part: bindScope(scope.part, resource) };
  }
  const item = itemOf(scope.item, scope.at, resource);
  const { column } = item;
  const ofText = 'CM'.includes(item.type);
  const unfit = (problem: LocalText) =>
    modelErrors.SCOPE_VALUE({ resource: resource.code, at: scope.at, item: scope.item, problem });
  if (item.type === 'G' && scope.kind !== 'null')
    throw unfit({ zh: '二进制项只能用 is null', en: 'a binary item takes is null only' });
  if (scope.kind === 'null') return { ...scope, item: column };
  if (scope.kind === 'in')
    return { ...scope, item: column, values: scope.values.map((value) => bindValue(value, item, resource)) };
  if (scope.kind === 'starts') {
    if (!ofText)
      throw unfit({ zh: '不是文本项,不能用 starts with', en: 'starts with needs an item of text' });
    // trailing blanks of a prefix are inside the value
    return { ...scope, item: column, value: bindText(scope.value, item, resource, false) };
  }
  if (item.type === 'L' && scope.comparison !== '=' && scope.comparison !== '<>')
    throw unfit({ zh: '逻辑型项只能用 = 或 <>', en: 'a logical item takes = and <> only' });
  return { ...scope, item: column, value: bindValue(scope.value, item, resource) };
}

function itemOf(name: string, at: number, resource: CatalogResource): CatalogItem {
  const byName = resource.items.filter((item) => item.name === name);
  const item =
    resource.items.find(({ column }) => column === name) ?? (byName.length === 1 ? byName[0] : undefined);
  const wrong = (problem: LocalText) =>
    modelErrors.SCOPE_ITEM({ at, item: name, resource: resource.code, problem });
  if (!item) {
    throw byName.length > 1
      ? wrong({ zh: '多个信息项同名,请写列名', en: 'several items have this name: give the column' })
      : wrong({ zh: '该资源没有此信息项', en: 'the resource has no such item' });
  }
  if (sharingOf(resource, item) === 'none')
    throw wrong({ zh: '该信息项不予共享,不能用于行范围', en: 'the item is not shared, nor used in a scope' });
  return item;
}

function bindValue(value: ScopeValue, item: CatalogItem, resource: CatalogResource): ScopeValue {
  const { form, text, at } = value;
  const { type } = item;
  const wrong = (zh: string, en: string) =>
    modelErrors.SCOPE_VALUE({
      resource: resource.code,
      at,
      item: item.column,
      problem: { zh: `应为${zh}`, en: `it takes ${en}` },
    });
  switch (type) {
    case 'C':
    case 'M':
      return bindText(value, item, resource, item.fixedLength === true);
    case 'L':
      if (form !== 'boolean') throw wrong(' true 或 false', 'true or false');
      return value;
    case 'D':
    case 'T': {
      if (form !== 'date' && form !== 'text') throw wrong('日期,如 2020-01-01', 'a date, such as 2020-01-01');
      const spelled = type === 'D' ? text : timeText(text, item.instant === true);
      if (!isCanonicalBound(item, spelled))
        throw type === 'D'
          ? wrong('日期,如 2020-01-01', 'a date, such as 2020-01-01')
          : wrong("时间,如 '2020-01-01 08:00:00'", "a time, such as '2020-01-01 08:00:00'");
      return { form: type === 'D' ? 'date' : 'text', text: spelled, at };
    }
    default: {
      if (form !== 'number') throw wrong('不带引号的数字', 'a number without quotes');
      const float = type === 'B' || type === 'F';
      const spelled = float ? floatText(text) : decimalText(text);
      if (!isCanonicalBound(item, spelled))
        throw type === 'I'
          ? wrong('整数', 'an integer')
          : wrong(
              `最多 ${item.scale ?? '若干'} 位小数的数字`,
              `a number of at most ${item.scale ?? 'its'} decimals`,
            );
      return { form, text: spelled, at };
    }
  }
}

function bindText(
  value: ScopeValue,
  item: CatalogItem,
  resource: CatalogResource,
  trimmed: boolean,
): ScopeValue {
  const { form, text, at } = value;
  if (form !== 'text')
    throw modelErrors.SCOPE_VALUE({
      resource: resource.code,
      at,
      item: item.column,
      problem: { zh: `是文本项,值须加单引号:'${text}'`, en: `it is text, its value is quoted: '${text}'` },
    });
  return trimmed ? { form, text: text.replace(/ +$/, ''), at } : value;
}

/** Zeros that say nothing are left out, as is the sign of zero. */
function decimalText(text: string): string {
  if (/[eE]/.test(text)) return text;
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const digits = fraction.replace(/0+$/, '');
  const shown = (whole.replace(/^0+(?=\d)/, '') || '0') + (digits === '' ? '' : `.${digits}`);
  return text.startsWith('-') && shown !== '0' ? `-${shown}` : shown;
}

function floatText(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) ? String(value === 0 ? 0 : value) : text;
}

/** A day is its beginning, minutes are whole; a point in time is in UTC. */
function timeText(text: string, instant: boolean): string {
  const whole = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text} 00:00:00` : text;
  const seconds = /^\S+ \d{2}:\d{2}$/.test(whole) ? `${whole}:00` : whole;
  return instant && !seconds.endsWith('+00') ? `${seconds}+00` : seconds;
}

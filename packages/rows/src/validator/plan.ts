import type { CatalogItem, CatalogResource, IdentifierScheme } from '@qianzhi/model';
import { rowsErrors } from '../errors.js';
import { itemProblems } from '../problems.js';
import { codeLookup } from './code-table.js';
import type { BytesCheck, ValueCheck } from './identifier-bytes.js';
import { patternCheck } from './pattern.js';
import { type ItemRange, rangeOf } from './range.js';
import { ALLOW_INFINITY, ALLOW_NAN, ALLOW_ZERO_DATE } from './value-checks.js';

/** One item with everything looked up that its generated code needs. */
export interface ItemPlan {
  readonly index: number;
  readonly item: CatalogItem;
  /** Sum of the ALLOW bits. */
  readonly allow: number;
  readonly codes?: ValueCheck;
  readonly pattern?: ValueCheck;
  readonly range?: ItemRange;
  readonly schemes: readonly IdentifierScheme[];
  readonly flagInvalid: boolean;
  /** Where citizenId depends on another item: that item's index and whether its text says resident card. */
  readonly idType?: { readonly index: number; readonly isResidentCard: BytesCheck };
}

/** Makes the error of an item that contradicts itself. */
export type ItemProblem = (problem: keyof typeof itemProblems) => Error;

const allowBits = { 'zero-date': ALLOW_ZERO_DATE, infinity: ALLOW_INFINITY, nan: ALLOW_NAN } as const;

/** GA/T 517: 111 居民身份证, 112 临时居民身份证; some systems write the name itself. */
const residentCardCodes = ['111', '112', '居民身份证', '临时居民身份证'];
const residentCardLabel = /^(中华人民共和国|第[一二]代|临时)*居民身份证/;

/** Throws QZ_ROWS_RESOURCE (config) for an item that contradicts itself. */
export function planItems(resource: CatalogResource): readonly ItemPlan[] {
  return resource.items.map((item, index) => {
    const wrong: ItemProblem = (problem) =>
      rowsErrors.RESOURCE({ resource: resource.code, column: item.column, ...itemProblems[problem] });
    if ((item.scale ?? 0) > (item.precision ?? Infinity)) throw wrong('digits');
    return {
      index,
      item,
      allow: (item.allow ?? []).reduce((bits, name) => bits | allowBits[name], 0),
      codes: item.codeTable === undefined ? undefined : codeLookup(codesOf(resource, item.codeTable, wrong)),
      pattern: item.pattern === undefined ? undefined : patternCheck(item.pattern, wrong),
      range: rangeOf(item, wrong),
      schemes: item.schemes ?? [],
      flagInvalid: item.onInvalid === 'flag',
      idType: idTypeOf(resource, item, wrong),
    };
  });
}

function codesOf(resource: CatalogResource, table: string, wrong: ItemProblem): string[] {
  const codes = tableOf(resource, table);
  if (!codes) throw wrong('codeTable');
  return Object.keys(codes);
}

function idTypeOf(resource: CatalogResource, item: CatalogItem, wrong: ItemProblem) {
  if (item.idTypeColumn === undefined) return undefined;
  const index = resource.items.findIndex((other) => other.column === item.idTypeColumn);
  if (index < 0) throw wrong('idType');
  const table = tableOf(resource, resource.items[index]!.codeTable ?? '');
  const labelled = Object.entries(table ?? {}).filter(([, label]) => residentCardLabel.test(label));
  const codes = table ? labelled.map(([code]) => code) : residentCardCodes;
  return { index, isResidentCard: codeLookup(codes).check };
}

function tableOf(resource: CatalogResource, name: string): Readonly<Record<string, string>> | undefined {
  const tables = resource.codeTables ?? {};
  return Object.hasOwn(tables, name) ? tables[name] : undefined;
}

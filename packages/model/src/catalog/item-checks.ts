import { compareBounds, isCanonicalBound, isOrdered } from './bounds.js';
import { checkFindings } from './check-findings.js';
import type { Finding } from './finding.js';
import type { CatalogItem } from './item.js';
import type { CatalogResource } from './resource.js';

/** Options that mean something only for some types. */
const typesOf = {
  precision: 'NY',
  scale: 'NY',
  fixedLength: 'C',
  instant: 'T',
  min: 'INYBFDT',
  max: 'INYBFDT',
  pattern: 'CM',
  schemes: 'C',
  allow: 'DTNBF',
} satisfies Partial<Record<keyof CatalogItem, string>>;

/** A unit in brackets at the end of a name: 注册资本(万元). */
const unitInName =
  /[(\uff08][^()\uff08\uff09]*(元|角|分|米|里|克|斤|吨|亩|公顷|升|平方|立方|小时|分钟|秒|天|日|月|年|岁|人|户|个|件|次|度|千瓦时|[%\uff05‰℃㎡㎥]|k?m[²³23]?|k?g|kwh?|hm2)[)\uff09]$/i;

/** What is wrong with one item, seen with the resource it belongs to. */
export function checkItem(item: CatalogItem, resource: CatalogResource): Finding[] {
  return [
    ...checkOptions(item),
    ...checkBounds(item),
    ...checkPattern(item),
    ...checkReferences(item, resource),
    ...checkFlags(item),
  ];
}

function checkOptions(item: CatalogItem): Finding[] {
  const findings: Finding[] = [];
  const { column, type } = item;
  if (type === 'C' && item.length === undefined) findings.push(checkFindings.LENGTH_MISSING(column));
  if (item.length !== undefined && !'CGM'.includes(type))
    findings.push(checkFindings.LENGTH_UNUSED(column, { type }));
  for (const [option, types] of Object.entries(typesOf)) {
    const value = item[option as keyof typeof typesOf];
    if (value === undefined || value === false || types.includes(type)) continue;
    findings.push(checkFindings.OPTION_MISPLACED(column, { option, type, types: [...types].join(' ') }));
  }
  const { precision, scale } = item;
  if (precision !== undefined && scale !== undefined && scale > precision) {
    findings.push(checkFindings.SCALE_OVER_PRECISION(column, { precision, scale }));
  }
  return findings;
}

function checkBounds(item: CatalogItem): Finding[] {
  if (!isOrdered(item.type)) return [];
  const { column, type, min, max } = item;
  const broken = (['min', 'max'] as const).filter(
    (option) => item[option] !== undefined && !isCanonicalBound(item, item[option]),
  );
  if (broken.length > 0)
    return broken.map((option) => checkFindings.BOUND_NOT_CANONICAL(column, { option, type }));
  if (min === undefined || max === undefined || compareBounds(type, min, max) <= 0) return [];
  return [checkFindings.MIN_OVER_MAX(column)];
}

function checkPattern(item: CatalogItem): Finding[] {
  if (item.pattern === undefined) return [];
  try {
    new RegExp(item.pattern, 'u');
    return [];
  } catch {
    return [checkFindings.PATTERN_BROKEN(item.column)]; // whether it compiles is the question; there is no other way to ask
  }
}

function checkReferences(item: CatalogItem, resource: CatalogResource): Finding[] {
  const findings: Finding[] = [];
  const { column, codeTable, idTypeColumn } = item;
  if (codeTable !== undefined && !Object.hasOwn(resource.codeTables ?? {}, codeTable)) {
    findings.push(checkFindings.CODE_TABLE_UNKNOWN(column, { table: codeTable }));
  }
  const isOther = resource.items.some((other) => other.column === idTypeColumn && other !== item);
  if (idTypeColumn !== undefined && !isOther) {
    findings.push(checkFindings.ID_TYPE_COLUMN_UNKNOWN(column, { column: idTypeColumn }));
  }
  return findings;
}

function checkFlags(item: CatalogItem): Finding[] {
  const findings: Finding[] = [];
  const { column, sharing } = item;
  if (item.key && item.required === false) findings.push(checkFindings.KEY_REQUIRED(column));
  if (item.basic && sharing !== undefined && sharing !== 'unconditional') {
    findings.push(checkFindings.BASIC_NOT_UNCONDITIONAL(column, { sharing }));
  }
  if ('INYBF'.includes(item.type) && unitInName.test(item.name.trim()))
    findings.push(checkFindings.UNIT_IN_NAME(column));
  return findings;
}

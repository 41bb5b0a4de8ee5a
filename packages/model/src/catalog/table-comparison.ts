import { defineFindings, type Finding } from './finding.js';
import { type CatalogItem, type ItemType, isRequired } from './item.js';
import type { CatalogResource } from './resource.js';

/** A column as `discover` describes it; what is absent or null is unknown and not judged. */
export interface TableColumn {
  readonly name: string;
  /** The catalog type that fits the column; null where none does. */
  readonly type?: ItemType | null;
  readonly length?: number | null;
  readonly precision?: number | null;
  readonly scale?: number | null;
  readonly nullable?: boolean;
}

/** Catalog column → table column; a catalog column that is not named has the same name in the table. */
export type ColumnMapping = Readonly<Record<string, string>>;

/** Of a `source` values come into the catalog item; of a `target` they go from the item into the column. */
export type TableSide = 'source' | 'target';

const drift = defineFindings({
  COLUMN_MISSING: {
    level: 'error',
    zh: '表中没有 {item} 对应的列 {column};请核对表结构或列映射',
    en: 'the table has no column {column} for item {item}; check the table or the column mapping',
  },
  COLUMN_CASE: {
    level: 'error',
    zh: '表中没有 {item} 对应的列 {column},但有 {other};请在列映射中写明',
    en: 'the table has no column {column} for item {item}, but {other}; name it in the column mapping',
  },
  TYPE_MISFIT: {
    level: 'error',
    zh: '列 {column} 的类型({found})与 {item} 的类型({type})不符',
    en: 'column {column} of type {found} does not fit item {item} of type {type}',
  },
  TYPE_CHECKED: {
    level: 'warning',
    zh: '列 {column} 的类型({found})与 {item} 的类型({type})不同;逐行转换,不合规的行会被拒绝',
    en: 'column {column} of type {found} differs from item {item} of type {type}; rows that do not convert are rejected',
  },
  SOURCE_NARROWER: {
    level: 'warning',
    zh: '列 {column} 的 {property}({found})小于 {item} 的定义({wanted})',
    en: 'the {property} of column {column} ({found}) is less than item {item} declares ({wanted})',
  },
  TARGET_NARROWER: {
    level: 'error',
    zh: '目标列 {column} 的 {property}({found})装不下 {item}({wanted})',
    en: 'the {property} of target column {column} ({found}) cannot hold item {item} ({wanted})',
  },
  TARGET_NOT_NULL: {
    level: 'error',
    zh: '目标列 {column} 不可为空,但 {item} 不是必填项',
    en: 'target column {column} takes no null, but item {item} is not required',
  },
});

/** Types whose values fit into a type always, and those whose values fit by content (checked row by row). */
const fits: Readonly<Record<ItemType, { readonly always: string; readonly byContent: string }>> = {
  C: { always: 'CM', byContent: 'INYBFDTL' },
  M: { always: 'CM', byContent: 'INYBFDTL' },
  I: { always: 'I', byContent: 'NYBFCML' },
  N: { always: 'INY', byContent: 'BFCM' },
  Y: { always: 'INY', byContent: 'BFCM' },
  B: { always: 'BF', byContent: 'INYCM' },
  F: { always: 'BF', byContent: 'INYCM' },
  D: { always: 'D', byContent: 'TCM' },
  T: { always: 'T', byContent: 'DCM' },
  L: { always: 'L', byContent: 'ICM' },
  G: { always: 'G', byContent: '' },
};

/**
 * How a table differs from the catalog. `error`: rows cannot be exchanged and the stream pauses with this list;
 * `warning`: they can, with rejects to expect. Columns no item uses are no finding.
 */
export function compareTable(
  resource: CatalogResource,
  columns: readonly TableColumn[],
  mapping: ColumnMapping = {},
  side: TableSide = 'source',
): Finding[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return resource.items.flatMap((item) => {
    const name = Object.hasOwn(mapping, item.column) ? mapping[item.column]! : item.column;
    const column = byName.get(name);
    if (column)
      return [
        ...checkType(item, column, side),
        ...checkRoom(item, column, side),
        ...checkNull(item, column, side),
      ];
    const other = columns.find((c) => c.name.toLowerCase() === name.toLowerCase())?.name;
    if (other !== undefined) return [drift.COLUMN_CASE(item.column, { column: name, other })];
    return [drift.COLUMN_MISSING(item.column, { column: name })];
  });
}

function checkType(item: CatalogItem, column: TableColumn, side: TableSide): Finding[] {
  if (column.type === undefined) return [];
  const facts = { column: column.name, type: item.type, found: column.type ?? '?' };
  if (column.type === null) return [drift.TYPE_CHECKED(item.column, facts)];
  const [from, to] = side === 'source' ? [column.type, item.type] : [item.type, column.type];
  if (fits[to].always.includes(from)) return [];
  if (side === 'target' && 'CM'.includes(to) && from !== 'G') return []; // every canonical text can be stored as text
  return [
    fits[to].byContent.includes(from)
      ? drift.TYPE_CHECKED(item.column, facts)
      : drift.TYPE_MISFIT(item.column, facts),
  ];
}

function checkRoom(item: CatalogItem, column: TableColumn, side: TableSide): Finding[] {
  const type = column.type ?? item.type;
  const both = (types: string) => types.includes(item.type) && types.includes(type);
  const rooms = [
    ...(both('CMG') ? ([['length', item.length, column.length]] as const) : []),
    ...(both('NY')
      ? ([
          ['precision - scale', wholeDigits(item), wholeDigits(column)],
          ['scale', item.scale, column.scale],
        ] as const)
      : []),
  ];
  return rooms.flatMap(([property, declared, found]) => {
    if (found === undefined || found === null) return [];
    // A target must hold whatever an item without a limit allows; a source promises nothing then.
    const wanted = declared ?? (side === 'target' ? Number.POSITIVE_INFINITY : 0);
    if (found >= wanted) return [];
    const facts = { column: column.name, property, found, wanted: Number.isFinite(wanted) ? wanted : '∞' };
    return [
      side === 'source'
        ? drift.SOURCE_NARROWER(item.column, facts)
        : drift.TARGET_NARROWER(item.column, facts),
    ];
  });
}

/** Digits before the point: decimal(20,6) has fewer of them than decimal(18,2). */
function wholeDigits(side: Pick<TableColumn, 'precision' | 'scale'>): number | undefined {
  return side.precision == null ? undefined : side.precision - (side.scale ?? 0);
}

function checkNull(item: CatalogItem, column: TableColumn, side: TableSide): Finding[] {
  if (side === 'source' || column.nullable !== false || isRequired(item)) return [];
  return [drift.TARGET_NOT_NULL(item.column, { column: column.name })];
}

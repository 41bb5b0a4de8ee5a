import { type CatalogItem, type CatalogResource, compareTable, type LocalText } from '@qianzhi/model';
import { constantField } from '@qianzhi/sql-kit';
import type { FilesSource } from '../config.js';
import { filesErrors } from '../errors.js';
import type { FileColumn } from '../formats/table-file.js';
import { type Cell, compileCell } from './cell.js';

/** One item of the resource and where its values come from. */
export interface ProjectedItem {
  readonly item: CatalogItem;
  /** Position among the file's columns; -1 for a constant. */
  readonly column: number;
  readonly cell: Cell;
  /** Row text of a constant. */
  readonly constant: Uint8Array | undefined;
}

export interface Projection {
  readonly items: readonly ProjectedItem[];
  /** How many fields a record has. */
  readonly columns: number;
  /** Position of the op; -1: there is none. */
  readonly op: number;
  readonly ops: ReadonlyMap<string, 'U' | 'D'>;
  /** Positions of the key items. */
  readonly keyFields: readonly number[];
}

/**
 * Fits the catalog resource to a file's columns. Throws ITEM_UNKNOWN, COLUMN_MISSING, COLUMN_TWICE or TYPE_UNFIT (config): so a
 * file of another make stops the exchange before one of its rows is read.
 */
export function projectFile(
  columns: readonly FileColumn[],
  resource: CatalogResource,
  spec: FilesSource,
  zone: string,
  path: string,
  phase: 'snapshot' | 'delta',
): Projection {
  const mapping = spec.columns ?? {};
  const unknown = Object.keys(mapping).find((name) => !resource.items.some(({ column }) => column === name));
  if (unknown !== undefined) throw filesErrors.ITEM_UNKNOWN({ item: unknown, resource: resource.code });
  const named: Record<string, string> = {};
  const items = resource.items.map((item, index): ProjectedItem => {
    const cell = compileCell(item, spec, zone);
    const from = Object.hasOwn(mapping, item.column)
      ? mapping[item.column]!
      : spec.header
        ? item.column
        : index + 1;
    if (typeof from === 'object')
      return { item, cell, column: -1, constant: constantField(item, from.const) };
    const column = positionOf(from, columns, item.column, path);
    named[item.column] = columns[column]!.name;
    return { item, cell, column, constant: undefined };
  });
  checkTypes(columns, resource, named, path);
  const ops = new Map<string, 'U' | 'D'>([
    ...(spec.op?.upsert ?? []).map((text) => [text, 'U'] as const),
    ...(spec.op?.delete ?? []).map((text) => [text, 'D'] as const),
  ]);
  return {
    items,
    columns: columns.length,
    op: opPosition(columns, spec, path, phase),
    ops,
    keyFields: resource.items.flatMap((item, index) => (item.key ? [index] : [])),
  };
}

/** A full copy may have the column of ops, too. */
function opPosition(
  columns: readonly FileColumn[],
  { op }: FilesSource,
  path: string,
  phase: 'snapshot' | 'delta',
): number {
  if (!op) return -1;
  const there =
    typeof op.column === 'number'
      ? op.column <= columns.length
      : columns.some(({ name }) => name === op.column);
  return phase === 'snapshot' && !there ? -1 : positionOf(op.column, columns, 'op', path);
}

function positionOf(
  from: string | number,
  columns: readonly FileColumn[],
  item: string,
  path: string,
): number {
  if (typeof from === 'number') {
    if (from <= columns.length) return from - 1;
    throw filesErrors.COLUMN_MISSING({ path, column: String(from), item });
  }
  // CSV and XLSX have their column names without the blanks around them
  const wanted = columns.some(({ name }) => name === from) ? from : from.trim();
  const at = columns.findIndex(({ name }) => name === wanted);
  if (at < 0) throw filesErrors.COLUMN_MISSING({ path, column: from, item });
  if (columns.some(({ name }, other) => name === wanted && other > at))
    throw filesErrors.COLUMN_TWICE({ path, column: from });
  return at;
}

/** Only what a file says of its columns is judged: DBF, a description beside it. */
function checkTypes(
  columns: readonly FileColumn[],
  resource: CatalogResource,
  named: Readonly<Record<string, string>>,
  path: string,
): void {
  const fromFile = {
    ...resource,
    items: resource.items.filter(({ column }) => Object.hasOwn(named, column)),
  };
  const misfit = compareTable(fromFile, columns, named, 'source').find(({ level }) => level === 'error');
  if (misfit) {
    const finding: LocalText = { zh: misfit.texts.zh, en: misfit.texts.en };
    throw filesErrors.TYPE_UNFIT({ path, item: misfit.item, finding });
  }
}

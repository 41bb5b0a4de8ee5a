import type { Department } from '../../protocol/identity-routes.js';
import type { CatalogItem } from '../item.js';
import type { CatalogResource } from '../resource.js';
import {
  CATALOG_SHEET,
  CODE,
  CODES_SHEET,
  codesTitles,
  GUIDE_SHEET,
  ITEM_REST,
  itemColumns,
  PROVIDER,
  QUERIES_SHEET,
  queriesTitles,
  RESOURCE_REST,
  resourceColumns,
  type TemplateColumn,
} from './columns.js';
import { flattened, unflatten } from './fields.js';

export interface TemplateSheet {
  readonly name: string;
  /** Headings at the top. */
  readonly headings: number;
  readonly widths: readonly number[];
  readonly rows: readonly (readonly (string | null)[])[];
}

type Row = readonly (string | null)[];
type KnownDepartment = Pick<Department, 'id' | 'name'>;

/** Values that the schema gives to what is left out; they need no place in the rest. */
const defaults: Readonly<Record<string, unknown>> = { schemaVersion: 1, summary: '' };

/**
 * The national template of a catalog as sheets: a row for each item, its resource's columns on each of them. What has no column of its own
 * stands as JSON in the columns of the rest, so that `readTemplate` gives back exactly these resources.
 */
export function templateSheets(
  resources: readonly CatalogResource[],
  departments: readonly KnownDepartment[],
): TemplateSheet[] {
  const columns = [...resourceColumns, ...itemColumns];
  const byId = new Map(departments.map((one) => [one.id, one]));
  const rows = resources.flatMap((resource) => {
    const head = resourceRow(resource, byId.get(resource.department));
    return resource.items.map((item) => [...head, ...itemRow(item)]);
  });
  return [
    sheet(
      CATALOG_SHEET,
      columns.map(({ width }) => width),
      [columns.map(({ title }) => title), ...rows],
    ),
    sheet(CODES_SHEET, [24, 20, 16, 40], [codesTitles, ...resources.flatMap(codeRows)]),
    sheet(QUERIES_SHEET, [24, 20, 80], [queriesTitles, ...resources.flatMap(queryRows)]),
    sheet(GUIDE_SHEET, [26, 90], guideRows(columns)),
  ];
}

function sheet(name: string, widths: readonly number[], rows: readonly Row[]): TemplateSheet {
  return { name, headings: 1, widths, rows };
}

function resourceRow(resource: CatalogResource, department: KnownDepartment | undefined): Row {
  const { items, codeTables, queries, ...fields } = resource;
  const left = {
    ...fields,
    ...(codeTables && !hasSheet(codeTables) && { codeTables }),
    ...(queries && queries.length === 0 && { queries }),
  };
  return cellsOf(left, resourceColumns, RESOURCE_REST, { [PROVIDER]: department?.name ?? null });
}

function itemRow(item: CatalogItem): Row {
  return cellsOf(item, itemColumns, ITEM_REST, {});
}

function cellsOf(
  fields: Readonly<Record<string, unknown>>,
  columns: readonly TemplateColumn[],
  rest: string,
  shown: Readonly<Record<string, string | null>>,
): Row {
  const left = Object.fromEntries(
    Object.entries(flattened(fields, columns)).filter(
      ([name, value]) => value !== undefined && value !== defaults[name],
    ),
  );
  const cells = columns.map(({ title, field, form }) => {
    if (field === undefined) return shown[title] ?? null;
    const cell = form.write(left[field]);
    if (cell !== undefined) delete left[field];
    return cell ?? null;
  });
  const at = columns.findIndex(({ title }) => title === rest);
  if (Object.keys(left).length > 0) {
    unflatten(left);
    cells[at] = JSON.stringify(left);
  }
  return cells;
}

/** Rows say nothing of a table without codes, nor of a code without characters. */
function hasSheet(tables: NonNullable<CatalogResource['codeTables']>): boolean {
  const all = Object.entries(tables);
  const isToken = (text: string) => text !== '' && text === text.trim();
  return (
    all.length > 0 &&
    all.every(
      ([name, codes]) => isToken(name) && Object.keys(codes).length > 0 && Object.keys(codes).every(isToken),
    )
  );
}

function codeRows({ code, codeTables }: CatalogResource): Row[] {
  if (!codeTables || !hasSheet(codeTables)) return [];
  return Object.entries(codeTables).flatMap(([table, codes]) =>
    Object.entries(codes).map(([value, label]) => [code, table, value, label]),
  );
}

function queryRows({ code, queries = [] }: CatalogResource): Row[] {
  return queries.map((query) => [code, query.name, JSON.stringify(query)]);
}

function guideRows(columns: readonly TemplateColumn[]): Row[] {
  return [
    ['列', '填写'],
    ['', '每个信息项一行;同一资源的各行连续,资源的各列在首行填写,其余行可留空或相同。不接受公式与宏。'],
    [
      '',
      'One row for each item; rows of a resource follow each other, its columns are filled in the first of them, blank or alike in the others. No formulas, no macros.',
    ],
    ...columns.map(({ title, form }) => [title, form.guide.zh]),
  ];
}

/** Characters of a cell, at most: what a spreadsheet would cut off. */
export const CELL_CHARACTERS = 32_767;

/** Sheet and place of the first text that is too long for a cell; such resources are exchanged as YAML. */
export function tooLongCell(
  sheets: readonly TemplateSheet[],
): { readonly sheet: string; readonly row: number; readonly resource: string } | undefined {
  for (const { name, rows } of sheets) {
    const at = rows.findIndex((row) => row.some((cell) => (cell?.length ?? 0) > CELL_CHARACTERS));
    if (at >= 0) return { sheet: name, row: at + 1, resource: rows[at]![rows[0]!.indexOf(CODE)] ?? '' };
  }
  return undefined;
}

import type { LocalText } from '../../errors/language.js';
import { isQianzhiError } from '../../errors/qianzhi-error.js';
import type { Department } from '../../protocol/identity-routes.js';
import { checkShape } from '../../shape.js';
import { checkResource } from '../checks.js';
import { type CatalogItem, CatalogItemSchema } from '../item.js';
import { type CatalogResource, CatalogResourceSchema } from '../resource.js';
import {
  CODE,
  DEPARTMENT,
  ITEM_NAME,
  ITEM_REST,
  itemColumns,
  PROVIDER,
  PROVIDER_CODE,
  RESOURCE_REST,
  resourceColumns,
  type TemplateColumn,
} from './columns.js';
import { plain, unflatten } from './fields.js';
import { type TemplateFinding, templateFindings } from './findings.js';
import { readCodeTables, readQueries } from './read-other-sheets.js';
import { type GridRow, headerOf, type ReadSheet, readSheet, type SheetGrid } from './read-sheet.js';

/** A cell as a spreadsheet names it. */
export type TemplatePlace = Pick<TemplateFinding, 'sheet' | 'row' | 'cell'>;

export interface ReadTemplate {
  /** Those in which nothing is wrong; all of them where no finding is an error. */
  readonly resources: readonly CatalogResource[];
  /** In the order of the sheets' rows. */
  readonly findings: readonly TemplateFinding[];
  /** Where a resource, or an item of it, stands; undefined for one that does not. */
  placeOf(resource: string, column?: string): TemplatePlace | undefined;
}

/** A resource of the sheet while it is read. */
interface Draft {
  readonly code: string;
  readonly rows: GridRow[];
  readonly fields: Record<string, unknown>;
  readonly items: Record<string, unknown>[];
  /** Rows in which something is wrong already. */
  readonly broken: Set<number>;
}

const columns = [...resourceColumns, ...itemColumns];

/**
 * Resources of a filled template, and everything that is wrong with it: cells that say nothing, titles, shapes, and what would keep a
 * resource from being published. Never throws for what stands in the sheets.
 */
export function readTemplate(sheets: readonly SheetGrid[], departments: readonly Department[]): ReadTemplate {
  const findings: TemplateFinding[] = [];
  const grid = sheets.find((one) => headerOf(one, columns, [CODE, ITEM_NAME]));
  if (!grid) {
    const [first] = sheets;
    const place = { sheet: first?.name ?? '', row: 1, cell: 'A1' };
    const findings = [{ ...templateFindings.SHEET_MISSING(), ...place }];
    return { resources: [], findings, placeOf: () => undefined };
  }
  const sheet = readSheet(grid, columns, headerOf(grid, columns, [CODE, ITEM_NAME])!, findings);
  const drafts = draftsOf(sheet, departments, findings);
  const byCode = new Map(drafts.map((draft) => [draft.code, draft]));
  readCodeTables(sheets, byCode, findings);
  readQueries(sheets, byCode, findings);
  const resources = drafts.flatMap((draft) => resourceOf(draft, sheet, departments, findings) ?? []);
  const order = new Map(sheets.map(({ name }, at) => [name, at]));
  return {
    resources,
    findings: findings.toSorted((a, b) => order.get(a.sheet)! - order.get(b.sheet)! || a.row - b.row),
    placeOf(resource, column) {
      const draft = byCode.get(resource);
      const at = draft?.items.findLastIndex((item) => item.column === column) ?? -1;
      const row = draft?.rows[Math.max(0, at)];
      if (!row) return undefined;
      const { cell } = sheet.at(row.number, at < 0 ? CODE : ITEM_NAME, templateFindings.SHEET_MISSING());
      return { sheet: sheet.name, row: row.number, cell };
    },
  };
}

function draftsOf(
  sheet: ReadSheet,
  departments: readonly Department[],
  findings: TemplateFinding[],
): readonly Draft[] {
  const drafts = new Map<string, Draft>();
  let draft: Draft | undefined;
  for (const row of sheet.rows) {
    const code = sheet.cell(row, CODE).trim();
    if (code === '' && !draft) {
      findings.push(sheet.at(row.number, CODE, templateFindings.CODE_MISSING()));
      continue;
    }
    if (code !== '' && code !== draft?.code) {
      const known = drafts.get(code);
      if (known) {
        const facts = { resource: code, first: known.rows[0]!.number };
        findings.push(sheet.at(row.number, CODE, templateFindings.RESOURCE_APART(undefined, facts)));
        known.broken.add(row.number);
        draft = known;
        continue;
      }
      draft = { code, rows: [], fields: {}, items: [], broken: new Set() };
      drafts.set(code, draft);
      fill(draft.fields, draft, row, sheet, resourceColumns, RESOURCE_REST, findings);
      const department = departmentOf(sheet, row, departments);
      if (department === undefined) {
        draft.broken.add(row.number);
        findings.push(sheet.at(row.number, DEPARTMENT, templateFindings.DEPARTMENT_UNKNOWN()));
      } else draft.fields.department = department;
    } else alike(draft!, row, sheet, findings);
    if (row.formulas || row.cells.some((cell, at) => at in row.cells && cell === undefined))
      draft!.broken.add(row.number);
    draft!.rows.push(row);
    const item: Record<string, unknown> = {};
    fill(item, draft!, row, sheet, itemColumns, ITEM_REST, findings);
    draft!.items.push(item);
  }
  return [...drafts.values()];
}

/** Fields of one row into what is being made; the rest in JSON first, so that a column says more than it. */
function fill(
  fields: Record<string, unknown>,
  draft: Draft,
  row: GridRow,
  sheet: ReadSheet,
  wanted: readonly TemplateColumn[],
  rest: string,
  findings: TemplateFinding[],
): void {
  const json = sheet.cell(row, rest);
  if (json.trim() !== '') {
    const value = objectIn(json);
    if (value) Object.assign(fields, value);
    else {
      draft.broken.add(row.number);
      findings.push(sheet.at(row.number, rest, templateFindings.JSON_WRONG(undefined, { title: rest })));
    }
  }
  for (const { title, field, form } of wanted) {
    const cell = sheet.cell(row, title);
    if (field === undefined || (form.keepsBlanks ? cell : cell.trim()) === '') continue;
    const reading = form.read(cell);
    if ('value' in reading) fields[field] = reading.value;
    else {
      draft.broken.add(row.number);
      const facts = { title, problem: reading.problem };
      findings.push(sheet.at(row.number, title, templateFindings.CELL_WRONG(undefined, facts)));
    }
  }
  unflatten(fields);
}

function objectIn(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // whether it is JSON is the question
  }
}

/** Columns of the resource in a later row are blank or as in its first. */
function alike(draft: Draft, row: GridRow, sheet: ReadSheet, findings: TemplateFinding[]): void {
  const [first] = draft.rows;
  for (const { title } of resourceColumns) {
    const cell = sheet.cell(row, title);
    if (!first || cell.trim() === '' || cell === sheet.cell(first, title)) continue;
    if (title === CODE && cell.trim() === draft.code) continue;
    draft.broken.add(row.number);
    const facts = { title, first: first.number };
    findings.push(sheet.at(row.number, title, templateFindings.RESOURCE_DIFFERS(undefined, facts)));
  }
}

/** By its id, else by its code, else by its name. */
function departmentOf(
  sheet: ReadSheet,
  row: GridRow,
  departments: readonly Department[],
): string | undefined {
  const id = sheet.cell(row, DEPARTMENT).trim();
  if (id !== '') return departments.find((one) => one.id === id)?.id;
  const uscc = sheet.cell(row, PROVIDER_CODE).trim();
  if (uscc !== '') return departments.find((one) => one.uscc === uscc)?.id;
  const name = plain(sheet.cell(row, PROVIDER));
  const named = departments.filter((one) => name !== '' && plain(one.name) === name);
  return named.length === 1 ? named[0]!.id : undefined;
}

/** The finished resource, or undefined with findings. */
function resourceOf(
  { rows, fields, items, broken }: Draft,
  sheet: ReadSheet,
  departments: readonly Department[],
  findings: TemplateFinding[],
): CatalogResource | undefined {
  const [first] = rows;
  const wrong = (
    row: GridRow,
    of: readonly TemplateColumn[],
    rest: string,
    where: string,
    problem: LocalText,
  ) => {
    const field = where.split('/')[1] || missing(problem);
    const named = ({ field: one = '' }: TemplateColumn) => one === field || one.startsWith(`${field}.`);
    const title = of.find(named)?.title ?? rest;
    const facts = { where: title === rest && field ? `${field}: ` : '', problem };
    findings.push(sheet.at(row.number, title, templateFindings.SHAPE(undefined, facts)));
  };
  const read = items.map((item, at) => {
    const checked = shapeOf(() => checkShape(CatalogItemSchema, item, 'CatalogItem'));
    if ('value' in checked) return checked.value;
    if (!broken.has(rows[at]!.number))
      wrong(rows[at]!, itemColumns, ITEM_REST, checked.where, checked.problem);
    return undefined;
  });
  const known = read.filter((item): item is CatalogItem => item !== undefined);
  // a stand-in keeps items that are wrong from being told of twice
  const shown = known.length > 0 ? known : [{ name: '-', column: '-', type: 'M' as const }];
  const whole = shapeOf(() =>
    checkShape(CatalogResourceSchema, { ...fields, items: shown }, 'CatalogResource'),
  );
  if (!('value' in whole)) {
    if (!broken.has(first!.number)) wrong(first!, resourceColumns, RESOURCE_REST, whole.where, whole.problem);
    return undefined;
  }
  if (broken.size > 0 || known.length < items.length) return undefined;
  const resource = whole.value;
  const police = departments.some((one) => one.id === resource.department && one.police);
  const found = checkResource(resource, { police });
  for (const finding of found) {
    const at = resource.items.findLastIndex(({ column }) => column === finding.item);
    const row = at < 0 ? first! : rows[at]!;
    findings.push(sheet.at(row.number, at < 0 ? CODE : ITEM_NAME, finding));
  }
  return found.some(({ level }) => level === 'error') ? undefined : resource;
}

type Shape<T> = { readonly value: T } | { readonly where: string; readonly problem: LocalText };

function shapeOf<T>(check: () => T): Shape<T> {
  try {
    return { value: check() };
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
    const { where, problem } = error.details as { where: string; problem: LocalText };
    return { where, problem };
  }
}

/** The field that a shape says is missing: it stands in no path. */
function missing({ zh }: LocalText): string | undefined {
  return /^缺少 (\w+)$/.exec(zh)?.[1];
}

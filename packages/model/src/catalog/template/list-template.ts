import type { LocalText } from '../../errors/language.js';
import { isQianzhiError } from '../../errors/qianzhi-error.js';
import { checkShape } from '../../shape.js';
import { type ListEntry, ListEntrySchema, type ListKind } from '../lists.js';
import type { TemplateColumn } from './columns.js';
import { text, token } from './fields.js';
import { type TemplateFinding, templateFindings } from './findings.js';
import { listOf } from './list-forms.js';
import { headerOf, readSheet, type SheetGrid } from './read-sheet.js';
import type { TemplateSheet } from './write-template.js';

/** What each list is called, and its sheet (R017, R018). */
export const listNames: Readonly<Record<ListKind, LocalText>> = {
  responsibility: { zh: '责任清单', en: 'list of responsibility' },
  demand: { zh: '需求清单', en: 'list of demand' },
  negative: { zh: '负面清单', en: 'negative list' },
  statutory: { zh: '法定共享清单', en: 'statutory list' },
};

const NAME = '信息名称';

/** Columns of a list, a line of it each row. */
const columns = [
  { title: NAME, also: ['名称'], field: 'name', form: text, width: 28 },
  { title: '资源代码', field: 'resource', form: token, width: 24 },
  { title: '提供部门', also: ['向哪个部门'], field: 'provider', form: token, width: 14 },
  { title: '信息项', field: 'items', form: listOf(text), width: 24 },
  { title: '业务事项', field: 'matter', form: text, width: 24 },
  { title: '依据', field: 'basis', form: text, width: 36 },
  { title: '备注', field: 'note', form: text, width: 24 },
] as const satisfies readonly TemplateColumn[];

/** A list as a sheet, of one department or of several with a column that says which. */
export function listSheet(
  kind: ListKind,
  lists: readonly { readonly department: string; readonly entries: readonly ListEntry[] }[],
): TemplateSheet {
  const several = lists.length > 1;
  const rows = lists.flatMap(({ department, entries }) =>
    entries.map((entry) => [
      ...(several ? [department] : []),
      ...columns.map(({ field, form }) => form.write(entry[field]) ?? plainText(entry[field])),
    ]),
  );
  const titles = [...(several ? [DEPARTMENT.title] : []), ...columns.map(({ title }) => title)];
  const widths = [...(several ? [14] : []), ...columns.map(({ width }) => width)];
  return { name: listNames[kind].zh, headings: 1, widths, rows: [titles, ...rows] };
}

/** Written of several departments, and not read: a list is put for the own one. */
const DEPARTMENT = { title: '部门' };

/** A name of an item that holds what separates several stands in its cell all the same. */
function plainText(value: string | readonly string[] | undefined): string | null {
  return value === undefined ? null : typeof value === 'string' ? value : value.join('\n');
}

export interface ReadList {
  /** With the row each stands in; those in which nothing is wrong. */
  readonly entries: readonly { readonly entry: ListEntry; readonly row: number }[];
  readonly findings: readonly TemplateFinding[];
}

/** Lines of a filled sheet, and everything that is wrong with its shape. Never throws for what stands there. */
export function readList(sheets: readonly SheetGrid[]): ReadList {
  const findings: TemplateFinding[] = [];
  const known = [...columns, DEPARTMENT];
  const grid = sheets.find((one) => headerOf(one, known, [NAME]));
  const [first] = sheets;
  if (!grid) {
    const place = { sheet: first?.name ?? '', row: 1, cell: 'A1' };
    return { entries: [], findings: [{ ...templateFindings.LIST_SHEET_MISSING(), ...place }] };
  }
  const sheet = readSheet(grid, known, headerOf(grid, known, [NAME])!, findings);
  const entries = sheet.rows.flatMap((row) => {
    const fields: Record<string, unknown> = {};
    const before = findings.length;
    for (const { title, field, form } of columns) {
      const cell = sheet.cell(row, title);
      if (cell.trim() === '') continue;
      const reading = form.read(cell);
      if ('value' in reading) fields[field] = reading.value;
      else findings.push(sheet.at(row.number, title, wrong(title, reading.problem)));
    }
    if (fields.name === undefined)
      findings.push(sheet.at(row.number, NAME, templateFindings.ROW_INCOMPLETE(undefined, { title: NAME })));
    // a cell that is not there is blank, one that is undefined is an error: `some` passes over what is not there
    const faulty = row.cells.some((cell) => cell === undefined);
    if (findings.length > before || row.formulas || faulty) return [];
    try {
      return [{ entry: checkShape(ListEntrySchema, fields, 'ListEntry'), row: row.number }];
    } catch (error) {
      if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
      const { where, problem } = error.details as { where: string; problem: LocalText };
      const title = columns.find(({ field }) => field === where.split('/')[1])?.title ?? NAME;
      findings.push(sheet.at(row.number, title, wrong(title, problem)));
      return [];
    }
  });
  return { entries, findings };
}

function wrong(title: string, problem: LocalText) {
  return templateFindings.CELL_WRONG(undefined, { title, problem });
}

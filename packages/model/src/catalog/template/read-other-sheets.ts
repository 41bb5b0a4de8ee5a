import { CODE, CODES_SHEET, codesTitles, QUERIES_SHEET, queriesTitles } from './columns.js';
import { type TemplateFinding, templateFindings } from './findings.js';
import { type GridRow, headerOf, type ReadSheet, readSheet, type SheetGrid } from './read-sheet.js';

/** A resource that is being read: what these sheets add to it. */
interface Draft {
  readonly fields: Record<string, unknown>;
  readonly broken: Set<number>;
  readonly rows: readonly GridRow[];
}

type Drafts = ReadonlyMap<string, Draft>;

export function readCodeTables(
  sheets: readonly SheetGrid[],
  drafts: Drafts,
  findings: TemplateFinding[],
): void {
  const [, table, code, label] = codesTitles;
  eachRow(sheets, CODES_SHEET, codesTitles, [CODE, table, code], drafts, findings, (draft, row, sheet) => {
    draft.fields.codeTables ??= {};
    const tables = draft.fields.codeTables as Record<string, Record<string, string>>;
    const name = sheet.cell(row, table).trim();
    const value = sheet.cell(row, code).trim();
    const codes = Object.hasOwn(tables, name) ? tables[name]! : {};
    define(tables, name, codes);
    if (Object.hasOwn(codes, value)) return templateFindings.CODE_REPEATED();
    define(codes, value, sheet.cell(row, label));
    return undefined;
  });
}

export function readQueries(sheets: readonly SheetGrid[], drafts: Drafts, findings: TemplateFinding[]): void {
  const [, , json] = queriesTitles;
  eachRow(sheets, QUERIES_SHEET, queriesTitles, [CODE, json], drafts, findings, (draft, row, sheet) => {
    try {
      const query: unknown = JSON.parse(sheet.cell(row, json));
      draft.fields.queries = [...((draft.fields.queries as unknown[] | undefined) ?? []), query];
      return undefined;
    } catch {
      return templateFindings.JSON_WRONG(undefined, { title: json }); // whether it is JSON is the question
    }
  });
}

/** Every row of a sheet that need not be there; the last needed column is where `take` finds something wrong. */
function eachRow(
  sheets: readonly SheetGrid[],
  name: string,
  titles: readonly string[],
  needed: readonly string[],
  drafts: Drafts,
  findings: TemplateFinding[],
  take: (
    draft: Draft,
    row: GridRow,
    sheet: ReadSheet,
  ) => ReturnType<typeof templateFindings.FORMULA> | undefined,
): void {
  const grid = sheets.find((one) => one.name === name);
  if (!grid || grid.rows.length === 0) return;
  const columns = titles.map((title) => ({ title }));
  const header = headerOf(grid, columns, needed) ?? grid.rows[0]!;
  const sheet = readSheet(grid, columns, header, findings);
  const absent = needed.filter((title) => !sheet.has(title));
  for (const title of absent)
    findings.push(sheet.at(header.number, undefined, templateFindings.COLUMN_MISSING(undefined, { title })));
  if (absent.length > 0) return;
  for (const row of sheet.rows) {
    const code = sheet.cell(row, CODE).trim();
    const draft = drafts.get(code);
    const empty = needed.find((title) => sheet.cell(row, title).trim() === '');
    const wrong =
      empty !== undefined
        ? sheet.at(row.number, empty, templateFindings.ROW_INCOMPLETE(undefined, { title: empty }))
        : !draft
          ? sheet.at(row.number, CODE, templateFindings.RESOURCE_UNKNOWN(undefined, { resource: code }))
          : undefined;
    if (wrong) {
      findings.push(wrong);
      if (draft) draft.broken.add(draft.rows[0]!.number);
      continue;
    }
    const found = take(draft!, row, sheet);
    if (!found) continue;
    draft!.broken.add(draft!.rows[0]!.number);
    findings.push(sheet.at(row.number, needed.at(-1), found));
  }
}

/** A name such as `__proto__` is a name like any other. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

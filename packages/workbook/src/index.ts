export { dateOf, isDateFormat, numberText } from './date-format.js';
export type { Problem, WorkbookFaults } from './faults.js';
export type { FormCell, FormRow, FormSheet } from './form-sheet.js';
export { openPackage, type PackageFile } from './package-file.js';
export { readTexts } from './read-texts.js';
export { type CellValue, type SheetRow, type SheetTexts, sheetRows } from './sheet-rows.js';
export { readWorkbook, type Workbook } from './workbook.js';
export { columnName, sheetEnd, sheetStart, textCell, workbookParts, xmlText } from './workbook-parts.js';
export { type TextSheet, writeFormWorkbook, writeTextWorkbook } from './write-text-workbook.js';

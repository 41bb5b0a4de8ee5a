import type { PackageFile } from './package-file.js';
import type { SheetTexts } from './sheet-rows.js';
import { readSharedStrings } from './string-table.js';
import { readDateStyles, type Workbook } from './workbook.js';

/** What the rows of every sheet refer to; of the file only this is kept in memory. */
export async function readTexts(
  source: PackageFile,
  workbook: Workbook,
  signal: AbortSignal,
): Promise<SheetTexts> {
  return {
    strings: await readSharedStrings(source, workbook.sharedStrings, signal),
    dateStyles: await readDateStyles(source, workbook.styles, signal),
    from1904: workbook.from1904,
  };
}

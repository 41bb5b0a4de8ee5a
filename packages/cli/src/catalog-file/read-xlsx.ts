import { open } from 'node:fs/promises';
import type { SheetGrid } from '@qianzhi/model';
import { requireFile } from '../input.js';
import { catalogFileErrors } from './errors.js';

const MIB = 1024 * 1024;
/** What a catalog of a million items takes, with room to spare; a small file that unpacks to more is no catalog. */
const MOST_MIB = 512;

/** All sheets of a workbook as they are. Throws QZ_CLI_WORKBOOK_DAMAGED, _MACROS or _TOO_LARGE. */
export async function readXlsx(file: string, signal: AbortSignal): Promise<SheetGrid[]> {
  const { openPackage, readTexts, readWorkbook, sheetRows } = await import('@qianzhi/workbook');
  await requireFile(file);
  const handle = await open(file);
  try {
    const source = await openPackage(handle, {
      damaged: (problem) => catalogFileErrors.WORKBOOK_DAMAGED({ file, problem }),
      tooLarge: (what, mebibytes) => catalogFileErrors.WORKBOOK_TOO_LARGE({ file, what, mebibytes }),
    });
    if (source.macros) throw catalogFileErrors.WORKBOOK_MACROS({ file });
    if (source.unpackedBytes > MOST_MIB * MIB) {
      const what = { zh: '解压后的内容', en: 'the unpacked content' };
      throw catalogFileErrors.WORKBOOK_TOO_LARGE({ file, what, mebibytes: MOST_MIB });
    }
    const workbook = await readWorkbook(source, signal);
    const texts = await readTexts(source, workbook, signal);
    const sheets: SheetGrid[] = [];
    for (const { name, part } of workbook.sheets) {
      const rows: SheetGrid['rows'][number][] = [];
      for await (const some of sheetRows(source, part, texts, signal)) rows.push(...some);
      sheets.push({ name, rows });
    }
    return sheets;
  } finally {
    await handle.close();
  }
}

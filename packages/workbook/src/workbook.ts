import { posix } from 'node:path';
import { isDateFormat } from './date-format.js';
import { type PackageFile, parseWhole } from './package-file.js';

export interface Workbook {
  readonly sheets: readonly { readonly name: string; readonly part: string }[];
  /** Days are counted from 1904, as old Macs did. */
  readonly from1904: boolean;
  readonly sharedStrings: string | undefined;
  readonly styles: string | undefined;
}

type Attributes = Readonly<Record<string, string>>;

export async function readWorkbook(source: PackageFile, signal: AbortSignal): Promise<Workbook> {
  const root = await relations(source, '_rels/.rels', '', signal);
  const main = [...root.values()].find(({ type }) => type.endsWith('/officeDocument'))?.target;
  if (main === undefined || !source.has(main)) {
    throw source.faults.damaged({ zh: '没有工作簿', en: 'it holds no workbook' });
  }
  const folder = posix.dirname(main);
  const parts = await relations(
    source,
    posix.join(folder, '_rels', `${posix.basename(main)}.rels`),
    folder,
    signal,
  );
  const sheets: { name: string; part: string }[] = [];
  let from1904 = false;
  await parseWhole(
    source,
    main,
    {
      open(name, attributes) {
        if (name === 'workbookPr') from1904 = isTrue(attributes.date1904);
        if (name !== 'sheet') return;
        const part = parts.get(relationId(attributes))?.target;
        if (part !== undefined) sheets.push({ name: attributes.name ?? '', part });
      },
    },
    signal,
  );
  const partOf = (kind: string) => {
    const part = [...parts.values()].find(({ type }) => type.endsWith(`/${kind}`))?.target;
    return part !== undefined && source.has(part) ? part : undefined;
  };
  return { sheets, from1904, sharedStrings: partOf('sharedStrings'), styles: partOf('styles') };
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

/** `r:id`, whatever prefix the namespace has. */
function relationId(attributes: Attributes): string {
  return Object.entries(attributes).find(([name]) => name.endsWith(':id'))?.[1] ?? '';
}

async function relations(source: PackageFile, part: string, folder: string, signal: AbortSignal) {
  const found = new Map<string, { readonly type: string; readonly target: string }>();
  if (!source.has(part)) return found;
  await parseWhole(
    source,
    part,
    {
      open(name, { Id = '', Type = '', Target = '' }: Attributes) {
        if (name !== 'Relationship') return;
        const target = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target);
        found.set(Id, { type: Type, target });
      },
    },
    signal,
  );
  return found;
}

/** For each cell style whether it shows a number as a date. */
export async function readDateStyles(
  source: PackageFile,
  part: string | undefined,
  signal: AbortSignal,
): Promise<readonly boolean[]> {
  if (part === undefined) return [];
  const codes = new Map<number, string>();
  const dates: boolean[] = [];
  let inCellStyles = false;
  await parseWhole(
    source,
    part,
    {
      open(name, attributes) {
        if (name === 'numFmt') codes.set(Number(attributes.numFmtId), attributes.formatCode ?? '');
        if (name === 'cellXfs') inCellStyles = true;
        if (name !== 'xf' || !inCellStyles) return;
        const id = Number(attributes.numFmtId ?? 0);
        dates.push(isDateFormat(id, codes.get(id)));
      },
      close(name) {
        if (name === 'cellXfs') inCellStyles = false;
      },
    },
    signal,
  );
  return dates;
}

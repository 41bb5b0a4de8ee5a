import type { CatalogItem, LocalText } from '@qianzhi/model';
import type { ColumnDescription, TableDescription } from '@qianzhi/plugin-api';
import { nameInComment } from '../setup/match-columns.js';
import type { ColumnProfile } from './column-profile.js';
import { type CodeDraft, draftCodes } from './draft-codes.js';
import { type ColumnJudgement, judgeColumn } from './judge-column.js';

/** An item as a table suggests it, with what a person should know or decide. */
export interface DraftedItem {
  readonly item: CatalogItem;
  readonly column: ColumnDescription;
  readonly codes: CodeDraft | undefined;
  readonly judgement: ColumnJudgement;
  readonly notes: readonly LocalText[];
}

const ID_LENGTH: Readonly<Record<string, number>> = { citizenId: 18, uscc: 18, regNo: 15, orgCode: 9 };

/** One item for each column, in the order of the table. */
export function draftItems(
  { columns, primaryKey, kind }: TableDescription,
  profiles: ReadonlyMap<string, ColumnProfile>,
): DraftedItem[] {
  const names = new Set<string>();
  const taken = new Set<string>();
  return columns.map((column) => {
    const profile = profiles.get(column.name);
    const judgement = judgeColumn(column, profile);
    const codes =
      judgement.sensitivity || primaryKey.includes(column.name) ? undefined : draftCodes(column, profile);
    const notes: LocalText[] = [];
    const name = freeText(itemName(column, judgement, notes), names);
    const itemColumn = freeText(columnName(column, notes), taken);
    notes.push(...judgement.reasons, ...(codes ? [codes.reason] : []));
    const { scheme, sensitivity } = judgement;
    const type =
      kind === 'file'
        ? typeInFile(
            column.length ?? profile?.maxLength,
            judgement,
            typeOf(column, profile, judgement, codes, notes),
            notes,
          )
        : typeOf(column, profile, judgement, codes, notes);
    const key = primaryKey.includes(column.name);
    if (key && type.type === 'M')
      notes.push({
        zh: '主键没有长度,请改为 C 并写明',
        en: 'a key without a length: make it C and say how long',
      });
    const item: CatalogItem = {
      name,
      column: itemColumn,
      ...type,
      // that no value was missing so far is no rule of a file
      ...(key ? { key } : kind !== 'file' && !column.nullable && { required: true }),
      ...(codes && { codeTable: itemColumn }),
      ...(scheme && type.type === 'C' && identifierOf(scheme)),
      ...(sensitivity && { sensitivity }),
    };
    return { item, column, codes, judgement, notes };
  });
}

function identifierOf(scheme: NonNullable<ColumnJudgement['scheme']>) {
  return {
    identifier: scheme === 'citizenId' ? ('person' as const) : ('organisation' as const),
    schemes: [scheme],
  };
}

function itemName(
  { name, comment }: ColumnDescription,
  { title }: ColumnJudgement,
  notes: LocalText[],
): string {
  const told = comment === null ? '' : nameInComment(comment).slice(0, 200);
  if (told !== '') return told;
  if (/\p{Script=Han}/u.test(name)) return name;
  if (title !== undefined) {
    notes.push({ zh: '名称为推测', en: 'its name is a guess' });
    return title;
  }
  notes.push({ zh: '名称待填', en: 'give it a name' });
  return name;
}

/** Item columns become columns of targets: no quotes or control characters, at most 63 characters. */
function columnName({ name }: ColumnDescription, notes: LocalText[]): string {
  const safe = name.replace(/["'\p{Cc}]/gu, '_').slice(0, 60);
  if (safe !== name)
    notes.push({
      zh: '列名已改写,供给时须对应',
      en: 'the name of the column was changed: map it when you supply',
    });
  return safe;
}

/** A text nobody has yet, letter case not counted. */
function freeText(wanted: string, taken: Set<string>): string {
  const plain = (text: string) => text.replace(/\s+/gu, '').toLowerCase();
  let text = wanted;
  for (let number = 2; taken.has(plain(text)); number++) text = `${wanted}_${number}`;
  taken.add(plain(text));
  return text;
}

const ROOM = [10, 20, 50, 100, 200, 500, 1000, 2000, 4000];

/** A file has no types: what its first rows showed gets room, and numbers that name somebody are texts. */
function typeInFile(
  longest: number | null | undefined,
  { scheme, sensitivity }: ColumnJudgement,
  typed: Typed,
  notes: LocalText[],
): Typed {
  const named = scheme !== undefined || sensitivity !== undefined;
  const isText = typed.type === 'C' || (named && (typed.type === 'I' || typed.type === 'N'));
  if (!isText) return typed;
  if (scheme !== undefined) return { type: 'C', length: Math.max(longest ?? 0, ID_LENGTH[scheme]!) };
  const seen = longest ?? 20;
  const length = ROOM.find((room) => room >= 2 * seen) ?? seen * 2;
  notes.push({
    zh: `文件没有长度:样本中最长 ${longest ?? '—'},请核对`,
    en: `a file has no lengths: the longest so far is ${longest ?? '—'}; check it`,
  });
  return { type: 'C', length };
}

type Typed = Pick<CatalogItem, 'type' | 'length' | 'precision' | 'scale'>;

function typeOf(
  column: ColumnDescription,
  profile: ColumnProfile | undefined,
  { scheme }: ColumnJudgement,
  codes: CodeDraft | undefined,
  notes: LocalText[],
): Typed {
  const { type, length, precision, scale, nativeType } = column;
  if (type === null) {
    notes.push({
      zh: `库类型 ${nativeType || '未声明'} 没有对应的类型,请核对`,
      en: `no type is sure for ${nativeType || 'an undeclared column'}: check it`,
    });
    return { type: 'M' };
  }
  if (type === 'N' || type === 'Y') {
    return {
      type,
      ...(precision !== null && precision > 0 && { precision }),
      ...(scale !== null && scale >= 0 && { scale }),
    };
  }
  if (type === 'G') return { type, ...(length !== null && { length }) };
  if (type !== 'C' && type !== 'M') return { type };
  // a short text is told by what it holds where the column itself says no length
  const known = Math.max(
    profile?.maxLength ?? 0,
    ...Object.keys(codes?.codes ?? {}).map((code) => [...code].length),
  );
  if (length === null && codes) return { type: 'C', length: known };
  if (length === null && scheme) return { type: 'C', length: Math.max(known, ID_LENGTH[scheme]!) };
  if (length === null) return { type: 'M' };
  return { type, length };
}

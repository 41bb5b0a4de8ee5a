import {
  type CatalogResource,
  CatalogResourceSchema,
  checkResource,
  checkShape,
  type Finding,
  type LocalText,
} from '@qianzhi/model';
import type { TableDescription } from '@qianzhi/plugin-api';
import type { ColumnProfile } from './column-profile.js';
import { type DraftedItem, draftItems } from './draft-items.js';

/** What only a person knows; what is left out gets the most careful value, and a note. */
export interface DraftChoices {
  readonly code?: string | undefined;
  readonly name?: string | undefined;
  readonly department?: string | undefined;
  readonly sharing?: CatalogResource['sharing'] | undefined;
  readonly condition?: string | undefined;
  readonly cycle?: CatalogResource['updateCycle'] | undefined;
}

export interface ResourceDraft {
  readonly resource: CatalogResource;
  readonly items: readonly DraftedItem[];
  /** About the resource as a whole: what to fill in or confirm. */
  readonly notes: readonly LocalText[];
  /** What `catalog publish` would find; an `error` keeps it from being published. */
  readonly findings: readonly Finding[];
}

/** Drafts a catalog entry from a table; the shape is always that of an entry. */
export function draftResource(
  table: TableDescription,
  profiles: ReadonlyMap<string, ColumnProfile>,
  choices: DraftChoices,
): ResourceDraft {
  const items = draftItems(table, profiles);
  const notes: LocalText[] = [];
  const note = (zh: string, en: string) => notes.push({ zh, en });
  if (choices.department === undefined)
    note('department:填写提供部门的标识', 'department: fill in the id of the providing department');
  if (choices.sharing === undefined)
    note(
      'sharing、sharingCondition:由部门决定;未定之前为有条件共享',
      'sharing, sharingCondition: for the department to decide; conditional until then',
    );
  if (choices.cycle === undefined)
    note('updateCycle:按实际填写', 'updateCycle: fill in how often it changes');
  const subject = subjectOf(items);
  note(
    `subject:按所含标识推断为 ${subject},请核对`,
    `subject: ${subject}, as its identifiers suggest; check it`,
  );
  const unique = table.primaryKey.length === 0 ? uniqueColumns(items, profiles) : [];
  if (unique.length > 0)
    note(
      `主键:表没有主键;样本中不重复的列:${unique.join('、')}`,
      `key: the table has none; columns without a repeat in the sample: ${unique.join(', ')}`,
    );
  const codeTables = Object.fromEntries(
    items.flatMap(({ item, codes }) => (codes ? [[item.column, codes.codes]] : [])),
  );
  const resource: CatalogResource = {
    code: choices.code ?? codeOf(titleOf(table), note),
    name: choices.name ?? nameOf(table, note),
    summary: '',
    department: choices.department ?? '',
    attribute: 'department',
    subject,
    sharing: choices.sharing ?? 'conditional',
    ...(choices.sharing !== 'unconditional' && { sharingCondition: choices.condition ?? '' }),
    openness: 'closed',
    updateCycle: choices.cycle ?? 'irregular',
    schemaVersion: 1,
    items: items.map(({ item }) => item),
    ...(Object.keys(codeTables).length > 0 && { codeTables }),
  };
  checkShape(CatalogResourceSchema, resource, 'CatalogResource');
  return { resource, items, notes, findings: checkResource(resource, { police: false }) };
}

/** Columns that could be a key, as far as the sample shows. */
function uniqueColumns(
  items: readonly DraftedItem[],
  profiles: ReadonlyMap<string, ColumnProfile>,
): string[] {
  return items.flatMap(({ item, column }) => {
    const profile = profiles.get(column.name);
    const unique =
      profile && profile.rows > 1 && !profile.distinctAtLeast && profile.distinct === profile.rows;
    return unique ? [item.column] : [];
  });
}

type Note = (zh: string, en: string) => void;

function codeOf(table: string, note: Note): string {
  const code = table
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '_')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 100);
  if (/[a-z0-9]/.test(code)) return code;
  note('code:填写资源代码(小写字母、数字)', 'code: fill in the resource code, small letters and digits');
  return 'resource';
}

/** Of a file its name without ending, and without the date or number that tells it from the next one. */
function titleOf({ kind, table }: TableDescription): string {
  if (kind !== 'file') return table;
  const plain = table.replace(/\.[^.]*$/, '').replace(/[-_ .]*\d{4,}.*$/, '');
  return plain === '' ? table : plain;
}

function nameOf(table: TableDescription, note: Note): string {
  const { comment, kind } = table;
  // what is said of a file is how it is written
  if (kind !== 'file' && comment !== null && comment.trim() !== '') return comment.trim().slice(0, 200);
  note('name:填写资源名称', 'name: fill in the name of the resource');
  return titleOf(table).slice(0, 200);
}

function subjectOf(items: readonly DraftedItem[]): CatalogResource['subject'] {
  const identifies = (scheme: string) =>
    items.some(({ item }) => item.schemes?.some((each) => each === scheme));
  if (identifies('uscc') || identifies('orgCode') || identifies('regNo')) return 'organisation';
  return identifies('citizenId') ? 'person' : 'other';
}

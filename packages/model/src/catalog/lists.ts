import { type Static, Type } from '@sinclair/typebox';
import { entryFindings } from './entry-findings.js';
import { defineFindings, type Finding } from './finding.js';
import { comparableName } from './likeness.js';
import { type CatalogResource, ResourceCodeSchema, sharingOf } from './resource.js';

/**
 * 责任清单, 需求清单, 负面清单 (R018): what a department has to supply, what it needs of others, what it does not share. 法定共享清单 (R017):
 * what a law already requires it to share, item by item.
 */
export const listKinds = ['responsibility', 'demand', 'negative', 'statutory'] as const;
export type ListKind = (typeof listKinds)[number];
export const ListKindSchema = Type.Union(listKinds.map((kind) => Type.Literal(kind)));

const text = (maxLength: number, description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));

/** One line of a department's list. */
export const ListEntrySchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, description: '信息名称 / what it is about' }),
    resource: Type.Optional(ResourceCodeSchema),
    provider: text(50, '需求清单:向哪个部门提出 / demand: the department asked'),
    items: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 1000 }),
    ),
    matter: text(500, '业务事项 / the business matter'),
    basis: text(2000, '依据 / legal basis'),
    note: text(2000, '备注 / note'),
  },
  { $id: 'ListEntry', additionalProperties: false },
);
export type ListEntry = Static<typeof ListEntrySchema>;

export const listFindings = defineFindings({
  LIST_NAME_REPEATED: {
    level: 'error',
    zh: '第 {place} 条 {item} 在清单中重复',
    en: 'entry {place}: {item} stands in the list twice',
  },
  NEGATIVE_WITHOUT_BASIS: {
    level: 'error',
    rule: 'R018',
    zh: '第 {place} 条:负面清单的 {item} 没有写明依据',
    en: 'entry {place}: {item} of the negative list states no legal basis',
  },
  NEGATIVE_SHARED: {
    level: 'error',
    rule: 'R018',
    zh: '第 {place} 条:负面清单的 {item} 所指资源 {resource} 在目录中没有不予共享的信息项',
    en: 'entry {place}: {item} of the negative list names resource {resource}, of which the catalog shares everything',
  },
  RESPONSIBILITY_OF_OTHERS: {
    level: 'error',
    rule: 'R018',
    zh: '第 {place} 条:{item} 所指资源 {resource} 不是本部门的,不能列入本部门的责任清单、负面清单或法定共享清单',
    en: 'entry {place}: {item} names resource {resource} of another department, which is not for the own list of responsibility, negative list or statutory list',
  },
  STATUTORY_INCOMPLETE: {
    level: 'error',
    rule: 'R017',
    zh: '第 {place} 条:法定共享清单的 {item} 应写明资源(resource)、信息项(items)和法律依据(basis)',
    en: 'entry {place}: {item} of the statutory list is to name its resource, its items and the law (basis)',
  },
  DEMAND_WITHOUT_PROVIDER: {
    level: 'error',
    rule: 'R018',
    zh: '第 {place} 条:需求清单的 {item} 没有写明向哪个其他部门提出',
    en: 'entry {place}: {item} of the demand list names no other department that is asked',
  },
});

/** What is wrong with a line, the `place`-th from 1; `resource` is the published one that it names, where there is one. */
export function checkListEntry(
  kind: ListKind,
  department: string,
  entry: ListEntry,
  resource: CatalogResource | undefined,
  place: number,
): Finding[] {
  const { name, provider, basis } = entry;
  const facts = { resource: resource?.code, place };
  if (kind === 'demand')
    return provider === undefined || provider === department
      ? [listFindings.DEMAND_WITHOUT_PROVIDER(name, facts)]
      : [];
  if (kind === 'statutory' && !(entry.resource && entry.items && basis?.trim()))
    return [listFindings.STATUTORY_INCOMPLETE(name, facts)];
  const others = resource && resource.department !== department;
  const withheld =
    resource?.sharing === 'none' || resource?.items.some((item) => sharingOf(resource, item) === 'none');
  return [
    ...(others ? [listFindings.RESPONSIBILITY_OF_OTHERS(name, facts)] : []),
    ...(kind === 'negative' && !basis?.trim() ? [listFindings.NEGATIVE_WITHOUT_BASIS(name, facts)] : []),
    ...(kind === 'negative' && resource && !withheld ? [listFindings.NEGATIVE_SHARED(name, facts)] : []),
  ];
}

/** Items that a law requires to be shared, by name or column, and that the entry leaves out or withholds (R017). */
export function checkStatutory(
  { name: list, items = [], basis = '' }: ListEntry,
  resource: CatalogResource,
): Finding[] {
  return items.flatMap((wanted) => {
    const named = comparableName(wanted);
    const item = resource.items.find(
      ({ name, column }) => comparableName(name) === named || column === wanted,
    );
    if (!item) return [entryFindings.STATUTORY_ITEM_MISSING(undefined, { list, basis, name: wanted })];
    const withheld = sharingOf(resource, item) === 'none';
    return withheld ? [entryFindings.STATUTORY_ITEM_WITHHELD(item.column, { list, basis })] : [];
  });
}

import { type Static, Type } from '@sinclair/typebox';
import { entryFields, entryItemFields, type Openness, OpennessSchema } from './entry.js';
import { type CatalogItem, CatalogItemSchema, type SharingType, SharingTypeSchema } from './item.js';
import { QueryServiceSchema } from './query-service.js';

export const ResourceCodeSchema = Type.String({
  pattern: '^[a-z0-9][a-z0-9_.-]{0,99}$',
  description: 'resource code, unique on a platform',
});

/** 更新周期, by label; products number them differently. */
export const UpdateCycleSchema = Type.Union(
  (
    ['realtime', 'daily', 'weekly', 'monthly', 'quarterly', 'half-yearly', 'yearly', 'irregular'] as const
  ).map((c) => Type.Literal(c)),
);

/**
 * 一个信息资源的目录条目 (发改高技〔2017〕1272号, GB/T 21063.3). What an agent gets of it is `asExchanged`; the other fields are
 * the catalog's own and optional.
 */
export const CatalogResourceSchema = Type.Object(
  {
    code: ResourceCodeSchema,
    name: Type.String({ minLength: 1, maxLength: 200 }),
    summary: Type.String({ default: '' }),
    department: Type.String({ description: 'id of the providing department' }),
    attribute: Type.Union([Type.Literal('basic'), Type.Literal('theme'), Type.Literal('department')], {
      default: 'department',
    }),
    subject: Type.Union(
      [Type.Literal('person'), Type.Literal('organisation'), Type.Literal('place'), Type.Literal('other')],
      { default: 'other', description: 'whom a row is about; decides the key rules R045–R048' },
    ),
    sharing: Type.Unsafe<SharingType>({
      ...SharingTypeSchema,
      default: 'unconditional',
      description:
        '共享类型;不写为无条件共享:以共享为原则,不共享为例外 (R001) / shared with everybody unless told',
    }),
    sharingCondition: Type.Optional(Type.String({ description: '共享条件 or legal basis (R021–R025)' })),
    openness: Type.Unsafe<Openness>({ ...OpennessSchema, default: 'closed' }),
    updateCycle: UpdateCycleSchema,
    content: Type.Optional(
      Type.Union([Type.Literal('rows'), Type.Literal('files')], {
        description:
          '内容:数据行,或文件(附件,只有一个 G 型信息项,其 length 为文件最大字节数)/ rows, or files: one item of type G, whose length is the most bytes of a file',
      }),
    ),
    schemaVersion: Type.Integer({ minimum: 1, default: 1 }),
    items: Type.Array(CatalogItemSchema, { minItems: 1, maxItems: 1000 }),
    codeTables: Type.Optional(
      Type.Record(Type.String(), Type.Record(Type.String(), Type.String()), {
        description: 'code table name → code → label',
      }),
    ),
    queries: Type.Optional(
      Type.Array(QueryServiceSchema, { maxItems: 100, description: '查询服务 / questions answered online' }),
    ),
    ...entryFields,
  },
  { $id: 'CatalogResource', additionalProperties: false },
);
export type CatalogResource = Static<typeof CatalogResourceSchema>;

/** Items of the business key, in item order; empty when the resource has none. */
export function keyItems(resource: CatalogResource): readonly CatalogItem[] {
  return resource.items.filter((item) => item.key);
}

/** Items of the business key that are not among these columns: without all of them no row can be told from another. */
export function missingKeyItems(
  resource: CatalogResource,
  columns: readonly string[],
): readonly CatalogItem[] {
  return keyItems(resource).filter((item) => !columns.includes(item.column));
}

/** R029: an item may be shared more openly or less than its resource; a basic item is always unconditional (R026). */
export function sharingOf(resource: CatalogResource, item: CatalogItem): SharingType {
  return item.basic ? 'unconditional' : (item.sharing ?? resource.sharing);
}

/**
 * The resource as a consumer with some of its items sees it: the same order, only the granted columns.
 * Unknown columns are the caller's error and are left out here.
 */
export function projectResource(resource: CatalogResource, columns: readonly string[]): CatalogResource {
  const granted = new Set(columns);
  return { ...resource, items: resource.items.filter((item) => granted.has(item.column)) };
}

/**
 * The resource without what only the catalog says of it: what agents are told. An agent of an earlier version refuses fields it does
 * not know, and one of this version has no use for them.
 */
export function asExchanged(resource: CatalogResource): CatalogResource {
  const items = resource.items.map((item) => without(item, entryItemFields));
  return { ...without(resource, entryFields), items };
}

function without<T extends object>(from: T, fields: object): T {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !Object.hasOwn(fields, name))) as T;
}

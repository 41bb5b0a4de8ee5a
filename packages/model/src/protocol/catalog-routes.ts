import { type Static, Type } from '@sinclair/typebox';
import { catalogKinds } from '../catalog/entry.js';
import { SharingTypeSchema } from '../catalog/item.js';
import { LiveAgreementsSchema } from '../catalog/lifecycle.js';
import { CatalogResourceSchema, ResourceCodeSchema } from '../catalog/resource.js';
import { everyone, IdSchema, TimeSchema } from './fields.js';
import { route } from './route.js';
import { SupplyWaiverSchema } from './waiver-routes.js';

/** 保密审查 (R044): who reviewed a schema version, when, with which result. Supply is refused without one that passed. */
export const SecrecyReviewSchema = Type.Object(
  {
    id: Type.String(),
    resource: ResourceCodeSchema,
    schemaVersion: Type.Integer({ minimum: 1 }),
    result: Type.Union([Type.Literal('passed'), Type.Literal('failed')]),
    note: Type.String(),
    reviewer: Type.String(),
    reviewedAt: TimeSchema,
  },
  { $id: 'SecrecyReview' },
);
export type SecrecyReview = Static<typeof SecrecyReviewSchema>;

export const CatalogEntrySchema = Type.Object(
  {
    resource: CatalogResourceSchema,
    publishedBy: Type.String(),
    publishedAt: TimeSchema,
    versions: Type.Array(Type.Integer()),
    secrecyReview: Type.Union([SecrecyReviewSchema, Type.Null()]),
    suppliers: Type.Array(Type.String({ description: 'agent id' })),
    withdrawn: Type.Optional(
      Type.Union(
        [
          Type.Object({
            reason: Type.String(),
            liveAgreements: LiveAgreementsSchema,
            withdrawnAt: TimeSchema,
          }),
          Type.Null(),
        ],
        { description: 'the withdrawal in force; a platform of before says nothing of it in lists' },
      ),
    ),
    waiver: Type.Optional(
      Type.Union([SupplyWaiverSchema, Type.Null()], {
        description: '免报 (R139): where it is reported instead; suppliers rest meanwhile',
      }),
    ),
    warnings: Type.Array(Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() })),
  },
  { $id: 'CatalogEntry' },
);
export type CatalogEntry = Static<typeof CatalogEntrySchema>;

const DuplicateResourceSchema = Type.Object({ code: ResourceCodeSchema, department: Type.String() });

/** Two resources of different departments that look like the same data (一数一源, R039), and which of them is its source. */
export const DuplicateSupplySchema = Type.Object(
  {
    first: DuplicateResourceSchema,
    second: DuplicateResourceSchema,
    common: Type.Integer({ description: 'names of items that both have' }),
    percent: Type.Integer({ description: 'of all names that either has' }),
    alike: Type.Boolean({ description: 'false: they were alike when it was decided, and are no more' }),
    foundAt: TimeSchema,
    decision: Type.Union([
      Type.Object({
        responsible: Type.Union([ResourceCodeSchema, Type.Null()], { description: 'null: both go on' }),
        note: Type.String(),
        decidedBy: Type.String(),
        decidedAt: TimeSchema,
      }),
      Type.Null(),
    ]),
  },
  { $id: 'DuplicateSupply' },
);
export type DuplicateSupply = Static<typeof DuplicateSupplySchema>;

const ImportedSchema = Type.Object(
  { resources: Type.Array(CatalogResourceSchema, { minItems: 1, maxItems: 2000 }) },
  { additionalProperties: false },
);

/** Something about an entry that is to be imported; of level error it keeps all of them out. */
export const ImportFindingSchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    item: Type.Optional(Type.String({ description: 'column' })),
    level: Type.Union([Type.Literal('error'), Type.Literal('warning')]),
    code: Type.String({ description: 'of the finding, or of the error' }),
    zh: Type.String(),
    en: Type.String(),
  },
  { $id: 'ImportFinding' },
);
export type ImportFinding = Static<typeof ImportFindingSchema>;

/** Catalog entries, secrecy reviews, supply duties. */
export const catalogRoutes = {
  listCatalog: route({
    method: 'GET',
    path: '/catalog/resources',
    access: everyone,
    summary: '目录列表 / published resources',
    query: Type.Object({
      department: Type.Optional(Type.String()),
      attribute: Type.Optional(
        Type.Union([Type.Literal('basic'), Type.Literal('theme'), Type.Literal('department')]),
      ),
      sharing: Type.Optional(SharingTypeSchema),
      kind: Type.Optional(Type.Union(catalogKinds.map((kind) => Type.Literal(kind)))),
      theme: Type.Optional(
        Type.String({ maxLength: 100, description: '主题名称 / theme, as it is written' }),
      ),
      classification: Type.Optional(
        Type.String({ pattern: '^[0-9]{1,40}$', description: '信息资源分类代码的前几位 / its first digits' }),
      ),
      project: Type.Optional(
        Type.Union([Type.Literal('pre-compiled'), Type.Literal('registered'), Type.Literal('late')], {
          description:
            'of projects (R014); late: pre-compiled, and the day it was to be or was accepted on is past',
        }),
      ),
      withdrawn: Type.Optional(Type.Boolean({ description: 'only withdrawn ones, or none of them' })),
      text: Type.Optional(
        Type.String({
          maxLength: 100,
          description:
            'words, each found literally in code, name, summary or an item, whatever case and width',
        }),
      ),
      after: Type.Optional(Type.String({ description: '`next` of the page before' })),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 500, description: 'entries of a page; all unless told' }),
      ),
    }),
    response: Type.Object({
      resources: Type.Array(CatalogEntrySchema),
      next: Type.Optional(
        Type.Union([Type.String(), Type.Null()], {
          description: 'where the next page begins; null: no more',
        }),
      ),
    }),
  }),
  showCatalog: route({
    method: 'GET',
    path: '/catalog/resources/{code}',
    access: everyone,
    summary: '目录条目 / one resource',
    query: Type.Object({ version: Type.Optional(Type.Integer()) }),
    response: CatalogEntrySchema,
  }),
  publishCatalog: route({
    method: 'PUT',
    path: '/catalog/resources/{code}',
    access: ['catalog-editor'],
    summary:
      '发布目录条目(自动产生架构版本)/ publish a resource of the own department; a change of items makes a schema version',
    body: CatalogResourceSchema,
    response: CatalogEntrySchema,
  }),
  importCatalog: route({
    method: 'POST',
    path: '/catalog/imports',
    access: ['catalog-editor'],
    summary:
      '成批发布本部门的目录条目,须经审核的平台则成批起草:全部成功或全部不变 / publish resources of the own department, or draft them where reviews are asked for, all of them or none',
    maxBytes: 16 * 1024 * 1024,
    body: ImportedSchema,
    response: Type.Object({
      drafted: Type.Optional(
        Type.Array(ResourceCodeSchema, {
          description: 'where the platform asks for reviews: what goes on with them',
        }),
      ),
      published: Type.Array(
        Type.Object({
          code: ResourceCodeSchema,
          schemaVersion: Type.Integer({ minimum: 1 }),
          change: Type.Union([Type.Literal('added'), Type.Literal('changed'), Type.Literal('unchanged')]),
        }),
      ),
    }),
  }),
  checkImport: route({
    method: 'POST',
    path: '/catalog/imports/checks',
    access: ['catalog-editor'],
    summary:
      '导入之前的检查:列出全部问题,不作改动 / everything an import would be refused for; changes nothing',
    maxBytes: 16 * 1024 * 1024,
    body: ImportedSchema,
    response: Type.Object({
      drafts: Type.Boolean({ description: 'the import makes drafts' }),
      findings: Type.Array(ImportFindingSchema),
    }),
  }),
  reviewSecrecy: route({
    method: 'POST',
    path: '/catalog/resources/{code}/secrecy-reviews',
    access: ['security-officer', 'department-admin'],
    summary: '记录保密审查 (R044) / record a secrecy review of the current schema version',
    body: Type.Object(
      {
        result: Type.Union([Type.Literal('passed'), Type.Literal('failed')]),
        note: Type.String({ default: '' }),
      },
      { additionalProperties: false },
    ),
    response: SecrecyReviewSchema,
  }),
  assignSupply: route({
    method: 'POST',
    path: '/catalog/resources/{code}/suppliers',
    access: ['catalog-editor', 'department-admin'],
    summary: '指定供数前置机(挂接)/ order an agent of the own department to supply the resource',
    body: Type.Object({ agent: IdSchema }, { additionalProperties: false }),
    response: CatalogEntrySchema,
  }),
  listDuplicates: route({
    method: 'GET',
    path: '/catalog/duplicates',
    access: everyone,
    summary: '多部门重复供给 (一数一源, R039) / the same data supplied by several departments',
    query: Type.Object({
      department: Type.Optional(Type.String()),
      open: Type.Optional(Type.Boolean({ description: 'only what is not decided yet' })),
    }),
    response: Type.Object({ duplicates: Type.Array(DuplicateSupplySchema) }),
  }),
  decideSource: route({
    method: 'POST',
    path: '/catalog/duplicates/decisions',
    access: ['approver'],
    summary: '主管部门确定责任来源 (R039) / a competent department names the responsible source',
    body: Type.Object(
      {
        first: ResourceCodeSchema,
        second: ResourceCodeSchema,
        responsible: Type.Union([ResourceCodeSchema, Type.Null()]),
        note: Type.String({ minLength: 1, maxLength: 1000 }),
      },
      { additionalProperties: false },
    ),
    response: DuplicateSupplySchema,
  }),
} as const;

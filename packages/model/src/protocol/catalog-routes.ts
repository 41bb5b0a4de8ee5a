import { type Static, Type } from '@sinclair/typebox';
import { SharingTypeSchema } from '../catalog/item.js';
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
      '成批发布本部门的目录条目:全部成功或全部不变 / publish resources of the own department, all of them or none',
    maxBytes: 16 * 1024 * 1024,
    body: Type.Object(
      { resources: Type.Array(CatalogResourceSchema, { minItems: 1, maxItems: 2000 }) },
      { additionalProperties: false },
    ),
    response: Type.Object({
      published: Type.Array(
        Type.Object({
          code: ResourceCodeSchema,
          schemaVersion: Type.Integer({ minimum: 1 }),
          change: Type.Union([Type.Literal('added'), Type.Literal('changed'), Type.Literal('unchanged')]),
        }),
      ),
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

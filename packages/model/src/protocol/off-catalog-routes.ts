import { type Static, Type } from '@sinclair/typebox';
import { matterStages, RefusalSchema } from '../agreement/matter.js';
import { NewOffCatalogRequestSchema } from '../agreement/off-catalog.js';
import { ColumnNameSchema } from '../catalog/item.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { ApplicationSchema } from './agreement-routes.js';
import { changeOf, everyone, IdSchema, TimeSchema } from './fields.js';
import { applicants, MatterSchema, orNull, StageSchema, Text, WorkingDays } from './matter-routes.js';
import { type Role, route } from './route.js';

/** A request for what is in no catalog (R069), from being made to being an application. */
export const OffCatalogRequestSchema = Type.Object(
  {
    ...NewOffCatalogRequestSchema.properties,
    id: Type.String(),
    stage: StageSchema,
    provider: orNull(IdSchema, '答复的部门,尚未指派为 null / who replies; null: nobody was given it yet'),
    consumer: IdSchema,
    appliedBy: Type.String(),
    appliedAt: TimeSchema,
    resource: orNull(ResourceCodeSchema, '所编目录条目的代码 / the catalog entry made for it'),
    linkedAt: orNull(TimeSchema, '条目发布之时 / when it was there; null: it is not published yet'),
    columns: Type.Record(Type.String(), ColumnNameSchema, {
      description: '所需信息项在条目中的列 / columns of the items, as far as the entry has them',
    }),
    agreement: orNull(Type.String(), '据以提出的申请 / the application it was turned into'),
    application: Type.Optional(
      orNull(ApplicationSchema, '填好的申请,可即提交 / the application, filled in; left out of lists'),
    ),
    matter: Type.Optional(MatterSchema),
  },
  { $id: 'OffCatalogRequest' },
);
export type OffCatalogRequest = Static<typeof OffCatalogRequestSchema>;

const act = <B extends ReturnType<typeof Type.Object>>(
  name: string,
  access: readonly Role[],
  summary: string,
  body: B,
) =>
  route({
    method: 'POST',
    path: `/requests/{id}/${name}`,
    access,
    summary,
    body,
    response: OffCatalogRequestSchema,
  });

const deciders: readonly Role[] = ['approver'];

/** 目录外申请: the same way as an application, and a catalog entry at its end. */
export const offCatalogRoutes = {
  makeRequest: route({
    method: 'POST',
    path: '/requests',
    access: applicants,
    summary: '申请目录之外的数据 (R069) / ask for what is in no catalog',
    body: NewOffCatalogRequestSchema,
    response: OffCatalogRequestSchema,
  }),
  listRequests: route({
    method: 'GET',
    path: '/requests',
    access: everyone,
    summary:
      '目录外申请列表 / off-catalog requests of the own department, newest first; all for the competent one',
    query: Type.Object({
      stage: Type.Optional(Type.Union(matterStages.map((stage) => Type.Literal(stage)))),
      after: Type.Optional(Type.String({ description: '`next` of the page before' })),
      limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
    }),
    response: Type.Object({
      requests: Type.Array(OffCatalogRequestSchema),
      next: orNull(Type.String(), 'where the next page begins; null: no more'),
    }),
  }),
  showRequest: route({
    method: 'GET',
    path: '/requests/{id}',
    access: everyone,
    summary: '一件目录外申请及办理经过 / one request and how it went',
    response: OffCatalogRequestSchema,
  }),
  forwardRequest: act(
    'forward',
    deciders,
    '申请方的主管部门:转送,不知由谁提供的予以指派 / forward it, and name the department that is to reply',
    Type.Object({ department: Type.Optional(IdSchema), note: Type.Optional(Text) }),
  ),
  acceptRequest: act(
    'accept',
    deciders,
    '同意编目提供,目录更新义务随之产生 / agree: the provider owes a catalog entry',
    Type.Object({ note: Type.Optional(Text) }),
  ),
  refuseRequest: act('refuse', deciders, '不同意,须说明理由 (R064) / refuse with a reason', RefusalSchema),
  returnRequest: act(
    'return',
    deciders,
    '退回补正,答复期限暂停 / return for completion; the time for the reply rests',
    Type.Object({ missing: Text }),
  ),
  reassignRequest: act(
    'reassign',
    deciders,
    '转办:本部门不掌握的退给申请方的主管部门另行指派 / give back what another department has, to be assigned anew',
    Type.Object({ reason: Text, department: Type.Optional(IdSchema) }),
  ),
  completeRequest: act(
    'complete',
    applicants,
    '补正后再次提交 / hand in again what was returned',
    Type.Object({
      note: Text,
      change: Type.Optional(changeOf(Type.Omit(NewOffCatalogRequestSchema, ['department']))),
    }),
  ),
  withdrawRequest: act('withdraw', applicants, '撤回 / withdraw', Type.Object({ reason: Text })),
  negotiateRequest: act(
    'negotiation',
    ['consumer', 'department-admin', 'approver'],
    '对不同意或逾期未答复的提请协商 (R070) / take a refusal, or what was late, to negotiation',
    Type.Object({ reason: Text, workingDays: WorkingDays }),
  ),
  reviewRequest: act(
    'joint-review',
    deciders,
    '主管部门:协商未成,转联席会审 (R071, R072) / the negotiation failed: joint review',
    Type.Object({ record: Text, workingDays: WorkingDays }),
  ),
  ruleRequest: act(
    'ruling',
    deciders,
    '主管部门:裁定并公布 (R073) / ruling of the competent department, published',
    Type.Object({ outcome: Type.Union([Type.Literal('share'), Type.Literal('not-share')]), record: Text }),
  ),
  linkRequest: act(
    'entry',
    ['catalog-editor', 'department-admin', 'approver'],
    '提供部门:指明所编的目录条目;未发布的,发布时自动关联 / name the catalog entry; linked when it is published',
    Type.Object({
      resource: ResourceCodeSchema,
      columns: Type.Optional(
        Type.Record(Type.String(), ColumnNameSchema, {
          description: '名称不同的信息项在条目中的列 / columns of items that the entry calls otherwise',
        }),
      ),
    }),
  ),
} as const;

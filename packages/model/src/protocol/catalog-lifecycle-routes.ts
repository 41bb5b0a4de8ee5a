import { type Static, Type } from '@sinclair/typebox';
import { CatalogStateSchema, catalogSteps, LiveAgreementsSchema } from '../catalog/lifecycle.js';
import { CatalogResourceSchema, ResourceCodeSchema } from '../catalog/resource.js';
import { TimedDutySchema } from '../duty/timed-duty.js';
import { CatalogEntrySchema } from './catalog-routes.js';
import { everyone, IdSchema, TimeSchema } from './fields.js';
import { type Role, route } from './route.js';

const closed = { additionalProperties: false };
const ReasonSchema = Type.String({ minLength: 1, maxLength: 500 });
const NoteSchema = Type.String({ maxLength: 500, default: '' });

export const WithdrawalSchema = Type.Object(
  { reason: ReasonSchema, liveAgreements: LiveAgreementsSchema },
  closed,
);
export type Withdrawal = Static<typeof WithdrawalSchema>;

/** A change of the responsible department: who provides it from then on, and why. */
const TransferSchema = Type.Object(
  { to: IdSchema, reason: ReasonSchema },
  { ...closed, description: 'what goes on: code, versions, agreements; what ends: supply duties' },
);
export type Transfer = Static<typeof TransferSchema>;

export const CatalogStepSchema = Type.Object({
  step: Type.Union([Type.Literal('draft'), ...catalogSteps.map((step) => Type.Literal(step))]),
  state: CatalogStateSchema,
  by: Type.String({ description: 'account' }),
  department: Type.String(),
  at: TimeSchema,
  note: Type.String(),
});
export type CatalogStepTaken = Static<typeof CatalogStepSchema>;

/** A change of the catalog on its way (R009): an entry to be published, or one to be withdrawn. */
export const CatalogDraftSchema = Type.Object(
  {
    id: Type.String(),
    code: ResourceCodeSchema,
    department: Type.String({
      description: 'whose change it is; the entry names another: the one that is to be responsible',
    }),
    change: Type.Union([Type.Literal('publish'), Type.Literal('withdraw')]),
    state: CatalogStateSchema,
    resource: Type.Union([CatalogResourceSchema, Type.Null()], { description: 'null: a withdrawal' }),
    withdrawal: Type.Union([WithdrawalSchema, Type.Null()]),
    steps: Type.Array(CatalogStepSchema, { description: 'oldest first' }),
    findings: Type.Array(
      Type.Object({
        level: Type.Union([Type.Literal('error'), Type.Literal('warning')]),
        code: Type.String(),
        zh: Type.String(),
        en: Type.String(),
      }),
      { description: 'what stands against its registration, and what to look at' },
    ),
  },
  { $id: 'CatalogDraft' },
);
export type CatalogDraft = Static<typeof CatalogDraftSchema>;

export const CatalogRevisionSchema = Type.Object(
  {
    revision: Type.Integer({ minimum: 1 }),
    publishedBy: Type.String(),
    publishedAt: TimeSchema,
    resource: CatalogResourceSchema,
    changes: Type.Array(
      Type.Object({
        field: Type.String(),
        item: Type.Optional(Type.String({ description: 'column' })),
        zh: Type.String(),
        en: Type.String(),
      }),
      { description: 'against the publication before; none for the first' },
    ),
  },
  { $id: 'CatalogRevision' },
);
export type CatalogRevision = Static<typeof CatalogRevisionSchema>;

/** What makes an entry out of date (R006). */
export const CatalogEventSchema = Type.Union([
  Type.Literal('law-revised', { description: '法律法规修订' }),
  Type.Literal('functions-changed', { description: '职能变化' }),
]);
export type CatalogEvent = Static<typeof CatalogEventSchema>;

const step = (name: string, access: readonly Role[], summary: string) =>
  route({
    method: 'POST',
    path: `/catalog/drafts/{code}/${name}`,
    access,
    summary,
    body: Type.Object({ note: NoteSchema }, closed),
    response: CatalogDraftSchema,
  });

/** The way from draft to publication and withdrawal (R009). */
export const catalogLifecycleRoutes = {
  draftCatalog: route({
    method: 'PUT',
    path: '/catalog/drafts/{code}',
    access: ['catalog-editor'],
    summary: '起草目录条目 (R009) / draft an entry of the own department, new or changed',
    body: CatalogResourceSchema,
    response: CatalogDraftSchema,
  }),
  draftWithdrawal: route({
    method: 'POST',
    path: '/catalog/drafts/{code}/withdrawal',
    access: ['catalog-editor'],
    summary: '起草撤销 (R009) / draft the withdrawal of a published entry',
    body: WithdrawalSchema,
    response: CatalogDraftSchema,
  }),
  draftTransfer: route({
    method: 'POST',
    path: '/catalog/drafts/{code}/transfer',
    access: ['catalog-editor'],
    summary:
      '起草变更责任部门 (R009) / draft a change of the responsible department, verified by the one that is to be',
    body: TransferSchema,
    response: CatalogDraftSchema,
  }),
  submitCatalog: step(
    'submission',
    ['catalog-editor'],
    '提交审核;已注册的提交发布 / submit for review, or what is registered for publication',
  ),
  verifyCatalog: step('verification', ['department-admin'], '部门核实 / verify within the department'),
  registerCatalog: step('registration', ['approver'], '主管部门注册 / register, by the competent department'),
  releaseCatalog: step('publication', ['approver'], '主管部门发布 / publish, by the competent department'),
  discardCatalog: step(
    'discard',
    ['catalog-editor', 'approver'],
    '放弃草稿;主管部门可放弃他部门占用代码的草稿,须说明理由 / give up a draft; the competent department one that holds a code, with a reason',
  ),
  returnCatalog: route({
    method: 'POST',
    path: '/catalog/drafts/{code}/return',
    access: ['department-admin', 'approver'],
    summary: '退回 / send back to be a draft, with the reason',
    body: Type.Object({ reason: ReasonSchema }, closed),
    response: CatalogDraftSchema,
  }),
  listDrafts: route({
    method: 'GET',
    path: '/catalog/drafts',
    access: everyone,
    summary: '在办的目录变更 / changes on their way: of the own department, and all for the competent one',
    query: Type.Object({ state: Type.Optional(CatalogStateSchema) }),
    response: Type.Object({ drafts: Type.Array(CatalogDraftSchema) }),
  }),
  showDraft: route({
    method: 'GET',
    path: '/catalog/drafts/{code}',
    access: everyone,
    summary: '最近一次目录变更 / the latest change of a code with its steps',
    response: CatalogDraftSchema,
  }),
  listRevisions: route({
    method: 'GET',
    path: '/catalog/resources/{code}/revisions',
    access: everyone,
    summary: '历次发布及其变化 / every publication, and in words what it changed',
    response: Type.Object({ revisions: Type.Array(CatalogRevisionSchema, { description: 'newest first' }) }),
  }),
  openCatalogUpdate: route({
    method: 'POST',
    path: '/catalog/update-duties',
    access: ['catalog-editor', 'department-admin', 'approver'],
    summary: '因法规修订或职能变化,限期更新目录 (R006, R007) / open duties to bring entries up to date',
    body: Type.Object(
      {
        resources: Type.Array(ResourceCodeSchema, { minItems: 1, maxItems: 500, uniqueItems: true }),
        event: CatalogEventSchema,
        note: ReasonSchema,
      },
      closed,
    ),
    response: Type.Object({ duties: Type.Array(TimedDutySchema) }),
  }),
  transferCatalog: route({
    method: 'POST',
    path: '/catalog/resources/{code}/transfer',
    access: ['approver'],
    summary:
      '主管部门变更责任部门(无须审核的平台)/ change the responsible department, by the competent one, where no reviews are asked for',
    body: TransferSchema,
    response: Type.Object({
      code: ResourceCodeSchema,
      from: IdSchema,
      to: IdSchema,
      renewedAgreements: Type.Array(Type.String(), { description: 'ids of those with a new grant version' }),
      endedAgreements: Type.Array(Type.String(), { description: 'ids of what the new provider held itself' }),
    }),
  }),
  confirmCatalog: route({
    method: 'POST',
    path: '/catalog/resources/{code}/confirmation',
    access: ['department-admin'],
    summary:
      '已核对,无须更新 (R006) / looked at, nothing to change: closes the duty to bring the entry up to date, with the reason',
    body: Type.Object({ reason: ReasonSchema }, closed),
    response: Type.Object({ code: ResourceCodeSchema, closed: Type.Array(TimedDutySchema) }),
  }),
  registerProject: route({
    method: 'POST',
    path: '/catalog/resources/{code}/acceptance',
    access: ['catalog-editor'],
    summary:
      '项目验收时登记预编的目录 (R014) / register at acceptance what was pre-compiled for a project; a draft where reviews are asked for',
    body: Type.Object(
      {
        number: Type.String({ minLength: 1, maxLength: 100, description: '项目编号 / project number' }),
        acceptedOn: Type.String({ format: 'date', description: '验收日期 / day of acceptance' }),
      },
      closed,
    ),
    response: Type.Object({
      entry: Type.Union([CatalogEntrySchema, Type.Null()]),
      draft: Type.Union([CatalogDraftSchema, Type.Null()]),
    }),
  }),
  withdrawCatalog: route({
    method: 'POST',
    path: '/catalog/resources/{code}/withdrawal',
    access: ['department-admin'],
    summary: '撤销目录条目(无须审核的平台)/ withdraw an entry where the platform asks for no reviews',
    body: WithdrawalSchema,
    response: Type.Object({
      code: ResourceCodeSchema,
      withdrawal: WithdrawalSchema,
      endedAgreements: Type.Array(Type.String(), { description: 'ids of agreements that ended with it' }),
    }),
  }),
} as const;

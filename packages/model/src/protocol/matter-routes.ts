import { type Static, Type } from '@sinclair/typebox';
import { matterActs, matterStages, RefusalSchema } from '../agreement/matter.js';
import { ColumnNameSchema } from '../catalog/item.js';
import { TimedDutySchema } from '../duty/timed-duty.js';
import { ScopeTextSchema } from '../scope/scope.js';
import { AgreementSchema, PartialApplicationSchema } from './agreement-routes.js';
import { everyone, IdSchema, TimeSchema } from './fields.js';
import { type Role, route } from './route.js';

export const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T, description?: string) =>
  Type.Union([schema, Type.Null()], { ...(description !== undefined && { description }) });
export const StageSchema = Type.Union(matterStages.map((stage) => Type.Literal(stage)));
export const Text = Type.String({ minLength: 1, maxLength: 4000 });
export const WorkingDays = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 250,
    description: '限几个工作日办结 / working days until it has to be over',
  }),
);

/** What was done in a matter, by whom, and where it stood then. */
export const MatterEventSchema = Type.Object({
  at: TimeSchema,
  actor: Type.String(),
  act: Type.String(),
  stage: StageSchema,
  text: Type.String(),
});

/** One application on its way from reply to ruling (R058–R074), with what can be done next and by when. */
export const MatterSchema = Type.Object(
  {
    agreement: Type.String(),
    stage: StageSchema,
    provider: orNull(IdSchema),
    consumer: IdSchema,
    profile: Type.String({ description: '所依据的政策配置 / policy profile it is judged by' }),
    restricted: Type.Boolean({ description: '申请不予共享的数据 (R138)' }),
    itemBasis: Type.Record(ColumnNameSchema, Type.String()),
    need: orNull(Type.String()),
    refusal: orNull(RefusalSchema),
    opinion: orNull(Type.Union([Type.Literal('agrees'), Type.Literal('objects')])),
    confidentiality: Type.Union([
      Type.Literal('not-needed'),
      Type.Literal('unsigned'),
      Type.Literal('signed'),
    ]),
    clocks: Type.Array(TimedDutySchema, {
      description: '在办的义务和期限 / duties that run, each with its day',
    }),
    next: Type.Array(
      Type.Object({
        act: Type.Union(Object.keys(matterActs).map((act) => Type.Literal(act))),
        by: Type.Array(Type.String()),
      }),
    ),
    events: Type.Array(MatterEventSchema),
    beganAt: TimeSchema,
  },
  { $id: 'Matter' },
);
export type Matter = Static<typeof MatterSchema>;

export const applicants: readonly Role[] = ['consumer', 'department-admin'];

/** What happens between an application and its end. */
export const matterRoutes = {
  showMatter: route({
    method: 'GET',
    path: '/agreements/{id}/matter',
    access: everyone,
    summary: '申请的办理经过、期限和下一步 / how an application went, what is due and what comes next',
    response: MatterSchema,
  }),
  forwardApplication: route({
    method: 'POST',
    path: '/agreements/{id}/forward',
    access: ['approver'],
    summary:
      '申请方的主管部门:转送跨县区的申请,答复期限自此起算 (R075) / the applicant’s competent department forwards an application across regions; the time for the reply begins',
    body: Type.Object({ note: Type.Optional(Text) }),
    response: MatterSchema,
  }),
  returnApplication: route({
    method: 'POST',
    path: '/agreements/{id}/return',
    access: ['approver'],
    summary: '退回补正,答复期限暂停 / return for completion; the time for the reply rests',
    body: Type.Object({ missing: Text }),
    response: MatterSchema,
  }),
  completeApplication: route({
    method: 'POST',
    path: '/agreements/{id}/complete',
    access: applicants,
    summary: '补正后再次提交 / hand in again what was returned',
    body: Type.Object({ note: Text, change: Type.Optional(PartialApplicationSchema) }),
    response: MatterSchema,
  }),
  withdrawApplication: route({
    method: 'POST',
    path: '/agreements/{id}/withdraw',
    access: applicants,
    summary: '撤回申请 / withdraw an application',
    body: Type.Object({ reason: Text }),
    response: AgreementSchema,
  }),
  signConfidentiality: route({
    method: 'POST',
    path: '/agreements/{id}/confidentiality',
    access: applicants,
    summary: '签署安全保密协议 (R077) / sign the confidentiality agreement',
    body: Type.Object({
      text: Type.String({ minLength: 1, maxLength: 100_000, description: '协议全文 / its full text' }),
      signatory: Text,
    }),
    response: MatterSchema,
  }),
  negotiate: route({
    method: 'POST',
    path: '/agreements/{id}/negotiation',
    access: ['consumer', 'department-admin', 'approver'],
    summary:
      '对不同意或逾期未答复的申请提请协商 (R070) / take what was refused or not answered in time to negotiation',
    body: Type.Object({ reason: Text, workingDays: WorkingDays }),
    response: MatterSchema,
  }),
  openReview: route({
    method: 'POST',
    path: '/agreements/{id}/joint-review',
    access: ['approver'],
    summary:
      '主管部门:协商未成,记录并公布结果,转联席会审 (R071, R072) / the negotiation failed: record, publication, joint review',
    body: Type.Object({ record: Text, workingDays: WorkingDays }),
    response: MatterSchema,
  }),
  rule: route({
    method: 'POST',
    path: '/agreements/{id}/ruling',
    access: ['approver'],
    summary: '主管部门:裁定并公布 (R073) / ruling of the competent department, published',
    body: Type.Object({
      outcome: Type.Union([Type.Literal('share'), Type.Literal('not-share')]),
      record: Text,
      items: Type.Optional(Type.Array(ColumnNameSchema, { minItems: 1, uniqueItems: true })),
      rows: Type.Optional(ScopeTextSchema),
    }),
    response: AgreementSchema,
  }),
  fileAgreement: route({
    method: 'POST',
    path: '/agreements/{id}/filing',
    access: ['approver'],
    summary: '主管部门:备案 (R076) / the competent department takes an agreement on file',
    body: Type.Object({ number: Text }),
    response: MatterSchema,
  }),
  listRulings: route({
    method: 'GET',
    path: '/rulings',
    access: everyone,
    summary: '公布的协商结果、会审和裁定 (R071, R073) / published negotiations, reviews and rulings',
    query: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }) }),
    response: Type.Object({
      rulings: Type.Array(
        Type.Object({
          agreement: Type.String(),
          provider: IdSchema,
          consumer: IdSchema,
          at: TimeSchema,
          act: Type.String(),
          text: Type.String(),
        }),
      ),
    }),
  }),
} as const;

import { type Static, Type } from '@sinclair/typebox';
import {
  AddressesSchema,
  agreementStates,
  GrantSchema,
  MaskRuleSchema,
  PurposeSchema,
  QuotaSchema,
} from '../agreement/agreement.js';
import { matterStages, RefusalSchema } from '../agreement/matter.js';
import { ColumnNameSchema } from '../catalog/item.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { SignedSchema } from '../crypto/signed.js';
import { ModeSchema } from '../exchange/mode.js';
import { ScopeTextSchema } from '../scope/scope.js';
import { changeOf, everyone, IdSchema, TimeSchema } from './fields.js';
import { route } from './route.js';

/** What an applicant asks for (R065–R067). `items` empty: every item the applicant may have without a decision. */
export const ApplicationSchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    items: Type.Array(ColumnNameSchema, { uniqueItems: true }),
    masks: Type.Optional(Type.Record(ColumnNameSchema, MaskRuleSchema)),
    /** Left out: as held; empty: all rows. */
    rows: Type.Optional(ScopeTextSchema),
    purpose: PurposeSchema,
    modes: Type.Array(ModeSchema, { minItems: 1, uniqueItems: true, default: ['docking'] }),
    quota: Type.Optional(QuotaSchema),
    /** Left out: as held; empty: from anywhere. */
    addresses: Type.Optional(AddressesSchema),
    validTo: Type.Optional(TimeSchema),
    /** Basis of items one by one (R067); where it names all that need one, `purpose.legalBasis` may be empty. */
    itemBasis: Type.Optional(Type.Record(ColumnNameSchema, Type.String({ minLength: 1, maxLength: 500 }))),
    /** 履职所需 (R138): why duty requires items that are not shared. They are negotiated and ruled on. */
    need: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })),
    /** 应用场景 (R078): granted directly where no more is asked for than it names; `items` empty: its items. */
    scenario: Type.Optional(IdSchema),
    /** 目录外申请 (R069) that this application comes of, once its entry is published. */
    request: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
  },
  { additionalProperties: false },
);
export type Application = Static<typeof ApplicationSchema>;

/** What is changed of an application that was returned for completion; the resource stays. */
export const PartialApplicationSchema = changeOf(
  Type.Omit(ApplicationSchema, ['resource', 'need', 'scenario', 'request']),
);

export const AgreementSchema = Type.Object(
  {
    id: Type.String(),
    state: Type.Union(agreementStates.map((state) => Type.Literal(state))),
    resource: ResourceCodeSchema,
    provider: IdSchema,
    consumer: IdSchema,
    items: Type.Array(ColumnNameSchema),
    masks: Type.Record(ColumnNameSchema, MaskRuleSchema),
    rows: Type.Union([ScopeTextSchema, Type.Null()]),
    purpose: PurposeSchema,
    modes: Type.Array(ModeSchema),
    quota: Type.Union([QuotaSchema, Type.Null()]),
    /** Left out: from anywhere. */
    addresses: Type.Optional(AddressesSchema),
    appliedBy: Type.String(),
    appliedAt: TimeSchema,
    decidedBy: Type.Union([Type.String(), Type.Null()]),
    decidedAt: Type.Union([TimeSchema, Type.Null()]),
    reason: Type.Union([Type.String(), Type.Null()]),
    validTo: TimeSchema,
    grant: Type.Union([SignedSchema(GrantSchema), Type.Null()]),
    /** Where its newest application stands; left out where no person had to decide. */
    stage: Type.Optional(Type.Union(matterStages.map((stage) => Type.Literal(stage)))),
  },
  { $id: 'Agreement' },
);
export type Agreement = Static<typeof AgreementSchema>;

/** Applications, decisions and what came of them. */
export const agreementRoutes = {
  apply: route({
    method: 'POST',
    path: '/agreements',
    access: ['consumer', 'department-admin'],
    summary: '申请或订阅 / apply; granted at once where every item is unconditional (R057)',
    body: ApplicationSchema,
    response: AgreementSchema,
  }),
  listAgreements: route({
    method: 'GET',
    path: '/agreements',
    access: everyone,
    summary: '协议列表 / agreements of the own department, as provider or consumer',
    query: Type.Object({
      resource: Type.Optional(Type.String()),
      state: Type.Optional(Type.String()),
      after: Type.Optional(Type.String({ description: '`next` of the page before' })),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 500, description: 'agreements of a page; all unless told' }),
      ),
    }),
    response: Type.Object({
      agreements: Type.Array(AgreementSchema),
      next: Type.Optional(
        Type.Union([Type.String(), Type.Null()], {
          description: 'where the next page begins; null: no more',
        }),
      ),
    }),
  }),
  showAgreement: route({
    method: 'GET',
    path: '/agreements/{id}',
    access: everyone,
    summary: '协议 / one agreement',
    response: AgreementSchema,
  }),
  approve: route({
    method: 'POST',
    path: '/agreements/{id}/approve',
    access: ['approver'],
    summary: "同意(申请部门不得审批自己的申请)/ approve; never by the applicant's department",
    body: Type.Object({
      note: Type.Optional(Type.String()),
      /** In place of the quota that was asked for. */
      quota: Type.Optional(QuotaSchema),
      /** In place of those asked for; empty: from anywhere. */
      addresses: Type.Optional(AddressesSchema),
      /** Narrows the rows asked for: those that are in both scopes. */
      rows: Type.Optional(ScopeTextSchema),
      /** Of the items asked for only these; the others are refused, for which `refusal` says why (R064). */
      items: Type.Optional(Type.Array(ColumnNameSchema, { minItems: 1, uniqueItems: true })),
      refusal: Type.Optional(RefusalSchema),
    }),
    response: AgreementSchema,
  }),
  refuse: route({
    method: 'POST',
    path: '/agreements/{id}/refuse',
    access: ['approver'],
    summary: '不同意,须说明理由 (R064) / refuse with a reason',
    body: RefusalSchema,
    response: AgreementSchema,
  }),
  revoke: route({
    method: 'POST',
    path: '/agreements/{id}/revoke',
    access: ['approver', 'security-officer'],
    summary: '撤销授权,立即停止 / revoke with immediate effect',
    body: Type.Object({ reason: Type.String({ minLength: 1 }) }),
    response: AgreementSchema,
  }),
  suspend: route({
    method: 'POST',
    path: '/agreements/{id}/suspend',
    access: ['approver', 'security-officer'],
    summary: '暂停授权,立即停止 / suspend with immediate effect',
    body: Type.Object({ reason: Type.String({ minLength: 1 }) }),
    response: AgreementSchema,
  }),
  resume: route({
    method: 'POST',
    path: '/agreements/{id}/resume',
    access: ['approver', 'security-officer'],
    summary: '恢复已暂停的授权,作为新的授权版本 / resume what was suspended, as a new grant version',
    body: Type.Object({ reason: Type.String({ minLength: 1 }) }),
    response: AgreementSchema,
  }),
} as const;

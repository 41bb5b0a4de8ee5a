import { type Static, Type } from '@sinclair/typebox';
import { agreementStates, GrantSchema, MaskRuleSchema, PurposeSchema } from '../agreement/agreement.js';
import { SignedManifestSchema } from '../batch/manifest.js';
import { ColumnNameSchema } from '../catalog/item.js';
import { CatalogResourceSchema, ResourceCodeSchema } from '../catalog/resource.js';
import { KeyRecordSchema } from '../crypto/keys.js';
import { SignedSchema } from '../crypto/signed.js';
import { ModeSchema } from '../exchange/mode.js';
import { StreamSchema } from '../exchange/stream.js';
import { ApplyCountsSchema, SignedReceiptSchema } from '../receipt/receipt.js';
import { ExchangeReportSchema } from './agent-routes.js';
import { type Role, roles, route } from './route.js';

const everyone: readonly Role[] = roles;
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,49}$' });
const RoleSchema = Type.Union(roles.map((role) => Type.Literal(role)));
const Time = Type.String({ format: 'date-time' });

export const DepartmentSchema = Type.Object(
  {
    id: Id,
    name: Type.String({ minLength: 1, maxLength: 200 }),
    uscc: Type.Optional(Type.String({ description: '提供方代码 (统一社会信用代码)' })),
    police: Type.Boolean({ default: false, description: 'police keep identity data themselves (R048)' }),
    competent: Type.Boolean({
      default: false,
      description: '主管部门: may decide applications to any provider',
    }),
  },
  { $id: 'Department', additionalProperties: false },
);
export type Department = Static<typeof DepartmentSchema>;

export const AccountSchema = Type.Object(
  {
    account: Id,
    name: Type.String(),
    department: Type.Union([Id, Type.Null()]),
    roles: Type.Array(RoleSchema, { uniqueItems: true }),
    disabled: Type.Boolean(),
  },
  { $id: 'Account' },
);
export type Account = Static<typeof AccountSchema>;

const Password = Type.String({ minLength: 12, maxLength: 200 });

export const AgentSchema = Type.Object(
  {
    agent: Id,
    department: Id,
    state: Type.Union([Type.Literal('invited'), Type.Literal('enrolled'), Type.Literal('revoked')]),
    keys: Type.Array(KeyRecordSchema),
    lastSeenAt: Type.Union([Time, Type.Null()]),
    exchanges: Type.Array(ExchangeReportSchema),
  },
  { $id: 'Agent' },
);
export type Agent = Static<typeof AgentSchema>;

/** 保密审查 (R044): who reviewed a schema version, when, with which result. Supply is refused without one that passed. */
export const SecrecyReviewSchema = Type.Object(
  {
    id: Type.String(),
    resource: ResourceCodeSchema,
    schemaVersion: Type.Integer({ minimum: 1 }),
    result: Type.Union([Type.Literal('passed'), Type.Literal('failed')]),
    note: Type.String(),
    reviewer: Type.String(),
    reviewedAt: Time,
  },
  { $id: 'SecrecyReview' },
);
export type SecrecyReview = Static<typeof SecrecyReviewSchema>;

export const CatalogEntrySchema = Type.Object(
  {
    resource: CatalogResourceSchema,
    publishedBy: Type.String(),
    publishedAt: Time,
    versions: Type.Array(Type.Integer()),
    secrecyReview: Type.Union([SecrecyReviewSchema, Type.Null()]),
    suppliers: Type.Array(Type.String({ description: 'agent id' })),
    warnings: Type.Array(Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() })),
  },
  { $id: 'CatalogEntry' },
);
export type CatalogEntry = Static<typeof CatalogEntrySchema>;

/** What an applicant asks for (R065–R067). `items` empty: every item the applicant may have without a decision. */
export const ApplicationSchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    items: Type.Array(ColumnNameSchema, { uniqueItems: true }),
    masks: Type.Optional(Type.Record(ColumnNameSchema, MaskRuleSchema)),
    purpose: PurposeSchema,
    modes: Type.Array(ModeSchema, { minItems: 1, uniqueItems: true, default: ['docking'] }),
    validTo: Type.Optional(Time),
  },
  { additionalProperties: false },
);
export type Application = Static<typeof ApplicationSchema>;

export const AgreementSchema = Type.Object(
  {
    id: Type.String(),
    state: Type.Union(agreementStates.map((state) => Type.Literal(state))),
    resource: ResourceCodeSchema,
    provider: Id,
    consumer: Id,
    items: Type.Array(ColumnNameSchema),
    masks: Type.Record(ColumnNameSchema, MaskRuleSchema),
    purpose: PurposeSchema,
    modes: Type.Array(ModeSchema),
    appliedBy: Type.String(),
    appliedAt: Time,
    decidedBy: Type.Union([Type.String(), Type.Null()]),
    decidedAt: Type.Union([Time, Type.Null()]),
    reason: Type.Union([Type.String(), Type.Null()]),
    validTo: Time,
    grant: Type.Union([SignedSchema(GrantSchema), Type.Null()]),
  },
  { $id: 'Agreement' },
);
export type Agreement = Static<typeof AgreementSchema>;

export const StreamStateSchema = Type.Object(
  {
    stream: StreamSchema,
    seq: Type.Integer(),
    rows: Type.Integer(),
    bytes: Type.Integer(),
    schemaVersion: Type.Union([Type.Integer(), Type.Null()]),
    lastBatchAt: Type.Union([Time, Type.Null()]),
    state: Type.Union([Type.Literal('open'), Type.Literal('closed')], {
      description: 'closed: a later epoch is open',
    }),
  },
  { $id: 'StreamState' },
);
export type StreamState = Static<typeof StreamStateSchema>;

/** The count equations of one agreement over one stream, summed from manifests and receipts (R043). */
export const ReconciliationSchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    stream: StreamSchema,
    read: Type.Integer(),
    repeated: Type.Integer(),
    rejected: Type.Integer(),
    flagged: Type.Integer(),
    stored: Type.Integer(),
    deliveries: Type.Array(
      Type.Object({
        agreement: Type.String(),
        grantVersion: Type.Integer(),
        consumer: Type.String(),
        sent: Type.Integer({ description: 'deliveries made' }),
        confirmed: Type.Integer({ description: 'deliveries with a final receipt' }),
        rows: Type.Integer({ description: 'rows delivered' }),
        counts: ApplyCountsSchema,
      }),
    ),
    balanced: Type.Boolean(),
    problems: Type.Array(Type.String()),
  },
  { $id: 'Reconciliation' },
);
export type Reconciliation = Static<typeof ReconciliationSchema>;

const CodeResponse = Type.Object({ ok: Type.Literal(true) });

export const personRoutes = {
  platformInfo: route({
    method: 'GET',
    path: '/info',
    access: 'public',
    summary: '平台名称、版本、密钥指纹 / name, version, key id, whether the first account exists',
    response: Type.Object({
      audience: Type.String(),
      version: Type.String(),
      keyId: Type.String(),
      ready: Type.Boolean(),
      serverTime: Time,
    }),
  }),
  setup: route({
    method: 'POST',
    path: '/setup',
    access: 'public',
    summary: '以首次启动码建立安全保密员账号 / make the security officer with the first-start code, once',
    body: Type.Object(
      { code: Type.String(), account: Id, name: Type.String({ minLength: 1 }), password: Password },
      { additionalProperties: false },
    ),
    response: AccountSchema,
  }),
  signIn: route({
    method: 'POST',
    path: '/sessions',
    access: 'public',
    summary: '登录 / sign in',
    body: Type.Object(
      { account: Type.String(), password: Type.String({ maxLength: 200 }) },
      { additionalProperties: false },
    ),
    response: Type.Object({ token: Type.String(), expiresAt: Time, account: AccountSchema }),
  }),
  signOut: route({
    method: 'DELETE',
    path: '/sessions/current',
    access: everyone,
    summary: '退出 / sign out',
    response: CodeResponse,
  }),
  whoAmI: route({
    method: 'GET',
    path: '/sessions/current',
    access: everyone,
    summary: '当前账号 / the signed-in account',
    response: AccountSchema,
  }),
  listDepartments: route({
    method: 'GET',
    path: '/departments',
    access: everyone,
    summary: '部门列表 / departments',
    response: Type.Object({ departments: Type.Array(DepartmentSchema) }),
  }),
  putDepartment: route({
    method: 'PUT',
    path: '/departments/{id}',
    access: ['security-officer'],
    summary: '登记部门 / register or change a department',
    body: DepartmentSchema,
    response: DepartmentSchema,
  }),
  listAccounts: route({
    method: 'GET',
    path: '/accounts',
    access: ['security-officer', 'auditor', 'department-admin'],
    summary: '账号列表 / accounts (a department admin sees its own)',
    response: Type.Object({ accounts: Type.Array(AccountSchema) }),
  }),
  createAccount: route({
    method: 'POST',
    path: '/accounts',
    access: ['security-officer'],
    summary: '建立账号 / make an account bound to department and roles',
    body: Type.Object(
      {
        account: Id,
        name: Type.String({ minLength: 1 }),
        department: Type.Union([Id, Type.Null()]),
        roles: Type.Array(RoleSchema, { minItems: 1 }),
        password: Password,
      },
      { additionalProperties: false },
    ),
    response: AccountSchema,
  }),
  changeAccount: route({
    method: 'PATCH',
    path: '/accounts/{account}',
    access: ['security-officer'],
    summary: '停用、改角色或重设口令 / disable, change roles or reset the password; ends its sessions',
    body: Type.Object(
      {
        disabled: Type.Optional(Type.Boolean()),
        roles: Type.Optional(Type.Array(RoleSchema, { minItems: 1 })),
        password: Type.Optional(Password),
      },
      { additionalProperties: false },
    ),
    response: AccountSchema,
  }),
  listAgents: route({
    method: 'GET',
    path: '/agents',
    access: ['security-officer', 'department-admin', 'operator', 'auditor'],
    summary: '前置机列表 / agents (own department unless officer or auditor)',
    response: Type.Object({ agents: Type.Array(AgentSchema) }),
  }),
  invite: route({
    method: 'POST',
    path: '/enrolments',
    access: ['security-officer'],
    summary: '签发一次性登记令牌 / issue a one-time enrolment token bound to department and agent name',
    body: Type.Object(
      { agent: Id, department: Id, minutes: Type.Integer({ minimum: 1, maximum: 1440, default: 30 }) },
      { additionalProperties: false },
    ),
    response: Type.Object({ token: Type.String(), agent: Id, expiresAt: Time }),
  }),
  revokeAgent: route({
    method: 'POST',
    path: '/agents/{agent}/revoke',
    access: ['security-officer'],
    summary: '吊销前置机 / revoke an agent and its keys',
    body: Type.Object({ reason: Type.String({ minLength: 1 }) }),
    response: AgentSchema,
  }),
  listCatalog: route({
    method: 'GET',
    path: '/catalog/resources',
    access: everyone,
    summary: '目录列表 / published resources',
    query: Type.Object({
      department: Type.Optional(Type.String()),
      text: Type.Optional(Type.String({ maxLength: 100 })),
    }),
    response: Type.Object({ resources: Type.Array(CatalogEntrySchema) }),
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
    body: Type.Object({ agent: Id }, { additionalProperties: false }),
    response: CatalogEntrySchema,
  }),
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
    query: Type.Object({ resource: Type.Optional(Type.String()), state: Type.Optional(Type.String()) }),
    response: Type.Object({ agreements: Type.Array(AgreementSchema) }),
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
    body: Type.Object({ note: Type.Optional(Type.String()) }),
    response: AgreementSchema,
  }),
  refuse: route({
    method: 'POST',
    path: '/agreements/{id}/refuse',
    access: ['approver'],
    summary: '不同意,须说明理由 (R064) / refuse with a reason',
    body: Type.Object({ reason: Type.String({ minLength: 1 }) }),
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
  listStreams: route({
    method: 'GET',
    path: '/streams',
    access: ['operator', 'department-admin', 'auditor', 'security-officer'],
    summary: '数据流列表 / streams',
    query: Type.Object({ resource: Type.Optional(Type.String()) }),
    response: Type.Object({ streams: Type.Array(StreamStateSchema) }),
  }),
  listBatches: route({
    method: 'GET',
    path: '/streams/{resource}/{agent}/{epoch}/batches',
    access: ['operator', 'department-admin', 'auditor', 'security-officer'],
    summary: '批次清单 / manifests of a stream, without bytes',
    query: Type.Object({
      after: Type.Integer({ minimum: 0, default: 0 }),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    }),
    response: Type.Object({ manifests: Type.Array(SignedManifestSchema) }),
  }),
  listReceipts: route({
    method: 'GET',
    path: '/receipts',
    access: ['operator', 'department-admin', 'auditor', 'security-officer', 'consumer'],
    summary: '签收列表 / receipts of own streams and deliveries',
    query: Type.Object({
      resource: Type.Optional(Type.String()),
      agreement: Type.Optional(Type.String()),
      after: Type.Optional(Type.String({ description: 'id of the last receipt of the page before' })),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
    }),
    response: Type.Object({ receipts: Type.Array(SignedReceiptSchema) }),
  }),
  keyDirectory: route({
    method: 'GET',
    path: '/keys',
    access: 'public',
    summary: '密钥目录 / every key ever registered, for checking receipts offline',
    response: Type.Object({ keys: Type.Array(KeyRecordSchema) }),
  }),
  reconciliation: route({
    method: 'GET',
    path: '/reconciliation',
    access: ['operator', 'department-admin', 'auditor', 'security-officer'],
    summary: '对账:读取=入库+拒绝,交付=应用+拒绝 / count equations by stream and agreement',
    query: Type.Object({ resource: Type.Optional(Type.String()) }),
    response: Type.Object({ reconciliations: Type.Array(ReconciliationSchema) }),
  }),
} as const;

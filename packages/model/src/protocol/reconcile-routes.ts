import { type Static, Type } from '@sinclair/typebox';
import { GrantSchema } from '../agreement/agreement.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { SignedSchema } from '../crypto/signed.js';
import { ReconcileReportSchema } from '../reconcile/reconcile.js';
import { TimeSchema } from './fields.js';
import { route } from './route.js';

export const ReconcileSessionSchema = Type.Object(
  {
    id: Type.String(),
    resource: ResourceCodeSchema,
    grant: SignedSchema(GrantSchema),
    provider: Type.String({ description: 'agent' }),
    consumer: Type.String({ description: 'agent' }),
    repair: Type.Boolean(),
    state: Type.Union([Type.Literal('open'), Type.Literal('done'), Type.Literal('failed')]),
    failure: Type.Optional(
      Type.Object({
        agent: Type.String({ description: 'who gave up; `platform` where nobody answered' }),
        code: Type.String(),
      }),
    ),
    openedAt: TimeSchema,
  },
  { $id: 'ReconcileSession' },
);
export type ReconcileSession = Static<typeof ReconcileSessionSchema>;

/** base64url of a sealed payload of at most 600 KiB; the platform keeps it until the session ends, and cannot read it. */
const Payload = Type.String({ maxLength: 800 * 1024, pattern: '^[A-Za-z0-9_-]+$' });
const WaitMs = Type.Integer({ minimum: 0, maximum: 60_000 });

/** The conversation of two agents through the platform, which neither of them lets in. */
export const reconcileAgentRoutes = {
  openReconciliation: route({
    method: 'POST',
    path: '/agent/reconciliations',
    access: 'agent',
    summary:
      '发起对账:供数方对全部授权,用数方对自己的授权 / open a reconciliation with every consumer, or with the provider',
    body: Type.Object({
      resource: ResourceCodeSchema,
      agreement: Type.Optional(Type.String()),
      repair: Type.Boolean(),
    }),
    response: Type.Object({ sessions: Type.Array(ReconcileSessionSchema) }),
  }),
  pollReconciliations: route({
    method: 'POST',
    path: '/agent/reconciliations/poll',
    access: 'agent',
    summary:
      '长轮询与本机有关的对账 / long poll for open reconciliations of this agent that it does not know',
    body: Type.Object({ known: Type.Array(Type.String(), { maxItems: 1000 }), waitMs: WaitMs }),
    response: Type.Object({ sessions: Type.Array(ReconcileSessionSchema) }),
  }),
  putReconcileMessage: route({
    method: 'POST',
    path: '/agent/reconciliations/{session}/messages/{seq}',
    access: 'agent',
    summary: '送出一条密封消息 / leave a sealed message for the other side; a repeat is harmless',
    body: Type.Object({ payload: Payload }),
    response: Type.Object({
      waiting: Type.Integer({ description: 'messages the other side has not taken' }),
    }),
  }),
  nextReconcileMessage: route({
    method: 'POST',
    path: '/agent/reconciliations/{session}/messages/{seq}/take',
    access: 'agent',
    summary:
      '长轮询对方的消息;取后删除之前各条 / long poll for a message of the other side; those before it are dropped',
    body: Type.Object({ waitMs: WaitMs }),
    response: Type.Object({ session: ReconcileSessionSchema, payload: Type.Optional(Payload) }),
  }),
  failReconciliation: route({
    method: 'POST',
    path: '/agent/reconciliations/{session}/failure',
    access: 'agent',
    summary: '放弃对账 / give up, with the code of why; the other side is told',
    body: Type.Object({ code: Type.String({ pattern: '^QZ_[A-Z0-9_]+$', maxLength: 100 }) }),
    response: ReconcileSessionSchema,
  }),
  reportReconciliation: route({
    method: 'POST',
    path: '/agent/reconciliations/{session}/report',
    access: 'agent',
    summary: '提交对账结果(双方签署同一份)/ hand in the result; both agents sign the same one',
    body: SignedSchema(ReconcileReportSchema),
    response: ReconcileSessionSchema,
  }),
} as const;

/** A report as the platform keeps it: done when both agents signed the same. */
export const StoredReconcileReportSchema = Type.Object(
  {
    session: ReconcileSessionSchema,
    endedAt: Type.Union([TimeSchema, Type.Null()]),
    provider: Type.Union([SignedSchema(ReconcileReportSchema), Type.Null()]),
    consumer: Type.Union([SignedSchema(ReconcileReportSchema), Type.Null()]),
  },
  { $id: 'StoredReconcileReport' },
);
export type StoredReconcileReport = Static<typeof StoredReconcileReportSchema>;

export const reconcilePersonRoutes = {
  reconcileReports: route({
    method: 'GET',
    path: '/reconciliation/reports',
    access: ['operator', 'department-admin', 'auditor', 'security-officer'],
    summary:
      '对账结果:行数与摘要,不含主键 / reports of reconciliations, newest first: counts and digests, no keys',
    query: Type.Object({
      resource: Type.Optional(Type.String()),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    }),
    response: Type.Object({ reports: Type.Array(StoredReconcileReportSchema) }),
  }),
} as const;

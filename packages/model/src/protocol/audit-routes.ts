import { Type } from '@sinclair/typebox';
import { AuditHeadSchema, AuditRecordSchema } from '../audit/entry.js';
import { SignedSchema } from '../crypto/signed.js';
import { TimeSchema } from './fields.js';
import { route } from './route.js';

const SignedHead = SignedSchema(AuditHeadSchema);
const entries = Type.Object({ entries: Type.Array(AuditRecordSchema) });
const exactly = (description: string) => Type.Optional(Type.String({ maxLength: 200, description }));

/** The platform's audit chain; the auditor's alone, who can change nothing (R119). */
export const auditRoutes = {
  listAudit: route({
    method: 'GET',
    path: '/audit',
    access: ['auditor'],
    summary: '审计记录,新的在前 / entries of the audit chain, newest first',
    query: Type.Object({
      actor: exactly('`person:<account>`, `agent:<id>`, `platform` or `public`'),
      action: exactly('e.g. agreement.approve'),
      object: exactly('id of what it was done on'),
      outcome: Type.Optional(
        Type.Union([Type.Literal('done'), Type.Literal('denied'), Type.Literal('failed')]),
      ),
      from: Type.Optional(TimeSchema),
      to: Type.Optional(TimeSchema),
      before: Type.Optional(Type.Integer({ minimum: 1, description: 'seq of the last of the page before' })),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
    }),
    response: entries,
  }),
  exportAudit: route({
    method: 'GET',
    path: '/audit/entries',
    access: ['auditor'],
    summary: '按顺序导出审计链 / the chain in its order, page by page; begun exports are recorded',
    query: Type.Object({
      after: Type.Integer({ minimum: 0, default: 0, description: 'seq of the last of the page before' }),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 1000 }),
    }),
    response: entries,
  }),
  auditHeads: route({
    method: 'GET',
    path: '/audit/heads',
    access: ['auditor'],
    summary: '链头:平台当前、归档处、各前置机交来的 / signed heads: current, of archives, kept of the agents',
    response: Type.Object({
      current: SignedHead,
      archived: Type.Array(SignedHead, {
        description: 'each at the last entry of an archive; the newest anchors what is left',
      }),
      agents: Type.Array(SignedHead),
    }),
  }),
} as const;

export const auditAgentRoutes = {
  exchangeAuditHeads: route({
    method: 'POST',
    path: '/agent/audit/heads',
    access: 'agent',
    summary: '互换审计链头并各自留存 / hand in own heads and take the platform’s; each keeps the other’s',
    body: Type.Object({ heads: Type.Array(SignedHead, { maxItems: 10 }) }, { additionalProperties: false }),
    response: Type.Object({ head: SignedHead }),
  }),
} as const;

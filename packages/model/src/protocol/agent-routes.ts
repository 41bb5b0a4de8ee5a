import { type Static, Type } from '@sinclair/typebox';
import { GrantSchema, LeaseSchema, SupplyDutySchema } from '../agreement/agreement.js';
import { CatalogResourceSchema } from '../catalog/resource.js';
import { KeyRecordSchema } from '../crypto/keys.js';
import { SignedSchema } from '../crypto/signed.js';
import { StreamSchema } from '../exchange/stream.js';
import { ExchangeReportSchema } from './agent-reports.js';
import { auditAgentRoutes } from './audit-routes.js';
import { downloadAgentRoutes } from './download-routes.js';
import { exchangeAgentRoutes } from './exchange-routes.js';
import { lineAgentRoutes } from './line.js';
import { queryAgentRoutes } from './query-routes.js';
import { reconcileAgentRoutes } from './reconcile-routes.js';
import { route } from './route.js';

/** Header that carries the fence of the live instance on every agent request after `claimInstance`. */
export const FENCE_HEADER = 'qz-fence';

/**
 * What an agent proves when it enrols: it holds the token's secret and the private key. `proof` is the
 * signature by the new key over canonical JSON of `{token: sha-256 digest of the token secret, publicKey, agent}`.
 */
export const EnrolRequestSchema = Type.Object(
  {
    tokenId: Type.String(),
    secret: Type.String(),
    suite: Type.String(),
    publicKey: Type.String(),
    proof: Type.String(),
  },
  { additionalProperties: false },
);
export const EnrolResponseSchema = Type.Object({
  agent: Type.String(),
  department: Type.String(),
  departmentName: Type.String(),
  /** The name the platform goes by: requests are signed for it, so that one platform's request is worthless at another. */
  audience: Type.String(),
  keys: Type.Array(KeyRecordSchema, { description: "the platform's keys and the agent's new one" }),
});
export type EnrolRequest = Static<typeof EnrolRequestSchema>;
export type EnrolResponse = Static<typeof EnrolResponseSchema>;

/**
 * The one-time enrolment token a person carries to the front-end machine: `qz1.<base64url JSON>`.
 * `platformKey` is the id of the platform's key, so that the agent knows the platform it meets.
 */
export const EnrolmentTokenSchema = Type.Object(
  {
    id: Type.String(),
    secret: Type.String(),
    agent: Type.String(),
    department: Type.String(),
    platformKey: Type.String(),
    url: Type.Optional(Type.String()),
    expiresAt: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
);
export type EnrolmentToken = Static<typeof EnrolmentTokenSchema>;

/**
 * Everything an agent is told to do, in one document signed by the platform. `version` rises with every change
 * for this agent; an agent never goes back to a lower one. Resources come at every schema version still in use.
 */
export const AssignmentsSchema = Type.Object(
  {
    type: Type.Literal('assignments'),
    version: Type.Integer({ minimum: 1 }),
    agent: Type.String(),
    department: Type.String(),
    supply: Type.Array(
      Type.Object({
        duty: SignedSchema(SupplyDutySchema),
        resource: CatalogResourceSchema,
        wholeFiles: Type.Optional(
          Type.Literal(true, { description: 'batches of several whole files are taken' }),
        ),
      }),
      { description: 'resource at the schema version to supply' },
    ),
    consume: Type.Array(
      Type.Object({
        grant: SignedSchema(GrantSchema),
        resources: Type.Array(CatalogResourceSchema, {
          description:
            'as granted: those items only, masked ones with their masked type; one for each version in use',
        }),
        streams: Type.Array(StreamSchema),
      }),
    ),
    keys: Type.Array(KeyRecordSchema),
    issuedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Assignments' },
);
export type Assignments = Static<typeof AssignmentsSchema>;

export const agentRoutes = {
  ...reconcileAgentRoutes,
  ...downloadAgentRoutes,
  ...queryAgentRoutes,
  ...auditAgentRoutes,
  ...exchangeAgentRoutes,
  ...lineAgentRoutes,
  enrol: route({
    method: 'POST',
    path: '/enrolments/redeem',
    access: 'public',
    summary: '前置机登记:一次性令牌换取身份 / redeem a one-time enrolment token',
    body: EnrolRequestSchema,
    response: EnrolResponseSchema,
  }),
  claimInstance: route({
    method: 'POST',
    path: '/agent/instances',
    access: 'agent',
    summary:
      '声明本进程为该前置机唯一运行实例 / claim to be the one live instance; older fences are refused from now on',
    body: Type.Object({ instance: Type.String(), version: Type.String() }),
    response: Type.Object({ fence: Type.Integer({ minimum: 1 }), serverTime: Type.String() }),
  }),
  assignments: route({
    method: 'GET',
    path: '/agent/assignments',
    access: 'agent',
    summary: '取得任务与授权 / what this agent supplies and consumes',
    response: SignedSchema(AssignmentsSchema),
  }),
  lease: route({
    method: 'POST',
    path: '/agent/lease',
    access: 'agent',
    summary:
      '续授权租约;可等到任务或授权变化时才答 / renew the grant lease; held back until orders or grants change, where asked to',
    query: Type.Object({
      waitMs: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 60_000,
          description: 'answered when something is other than `known` says, or after so long',
        }),
      ),
      known: Type.Optional(Type.String({ maxLength: 200, description: '`state` of the lease at hand' })),
    }),
    response: SignedSchema(LeaseSchema),
  }),
  report: route({
    method: 'POST',
    path: '/agent/reports',
    access: 'agent',
    summary: '上报作业状态 / report the state of exchanges',
    body: Type.Object({ exchanges: Type.Array(ExchangeReportSchema, { maxItems: 1000 }) }),
    response: Type.Object({ serverTime: Type.String() }),
  }),
  /**
   * `proof` is the signature by the new key over canonical JSON of `{agent, publicKey, replaces: id of the old key}`.
   * The old key ends with the answer and stays in the directory for what it signed.
   */
  rotateKey: route({
    method: 'POST',
    path: '/agent/keys',
    access: 'agent',
    summary:
      '更换密钥:旧钥签请求,新钥签证明 / register a new key: the request is signed by the old key, the proof by the new',
    body: Type.Object({ suite: Type.String(), publicKey: Type.String(), proof: Type.String() }),
    response: Type.Object({ key: KeyRecordSchema }),
  }),
} as const;

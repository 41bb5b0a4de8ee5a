import { type Static, Type } from '@sinclair/typebox';
import { GrantSchema } from '../agreement/agreement.js';
import { QueryNameSchema } from '../catalog/query-service.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { SignedSchema } from '../crypto/signed.js';
import { ProblemSchema } from '../errors/problem.js';
import { QueryAnswerSchema } from './answer.js';
import { QueryRequestSchema } from './request.js';

/** Largest message of a tunnel; row text comes in parts of at most `TUNNEL_PART_BYTES`. */
export const TUNNEL_MESSAGE_BYTES = 6 * 1024 * 1024;
export const TUNNEL_PART_BYTES = 64 * 1024;
/** The platform pings this often; whoever hears nothing for three times as long takes the connection for dead. */
export const TUNNEL_PING_MS = 5_000;

/** Proves to the agent that the platform itself is at the other end: it names the nonce of the agent's own request. */
export const TunnelWelcomeSchema = Type.Object(
  {
    type: Type.Literal('tunnel-welcome'),
    agent: Type.String(),
    tunnel: Type.String(),
    issuedAt: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
);
export type TunnelWelcome = Static<typeof TunnelWelcomeSchema>;

const channel = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });

/** From platform to agent. Questions are told apart by channel; there may be many at once. The most frequent stands first: shapes are tried in order. */
export const PlatformFrameSchema = Type.Union([
  Type.Object({
    kind: Type.Literal('ask'),
    channel,
    request: SignedSchema(QueryRequestSchema),
    grant: SignedSchema(GrantSchema),
  }),
  Type.Object({ kind: Type.Literal('cancel'), channel }),
  Type.Object({ kind: Type.Literal('welcome'), welcome: SignedSchema(TunnelWelcomeSchema) }),
]);
export type PlatformFrame = Static<typeof PlatformFrameSchema>;

/** From agent to platform; parts of row text are binary: four bytes of channel, then the text. */
export const AgentFrameSchema = Type.Union([
  Type.Object({ kind: Type.Literal('answer'), channel, answer: SignedSchema(QueryAnswerSchema) }),
  Type.Object({
    kind: Type.Literal('offer'),
    services: Type.Array(Type.Object({ resource: ResourceCodeSchema, service: QueryNameSchema }), {
      maxItems: 10_000,
    }),
  }),
  Type.Object({ kind: Type.Literal('failed'), channel, problem: ProblemSchema }),
]);
export type AgentFrame = Static<typeof AgentFrameSchema>;

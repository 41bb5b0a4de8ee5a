import { type Static, Type } from '@sinclair/typebox';
import { ProblemSchema } from '../errors/problem.js';
import { exchangeAgentRoutes } from './exchange-routes.js';
import { route } from './route.js';

/**
 * A line: one WebSocket that an agent holds open, over which small requests of an exchange that runs on go without a signature each.
 * Its opening is signed by both sides, who agree upon keys there (X25519); every frame carries an HMAC under them.
 */
export const lineAgentRoutes = {
  openLine: route({
    method: 'GET',
    path: '/agent/line',
    access: 'agent',
    summary:
      '连续交换的常连接 (WebSocket),免逐个请求签名 / upgrades to the WebSocket over which requests of a running exchange go without a signature each',
    query: Type.Object({
      key: Type.String({
        pattern: '^[A-Za-z0-9_-]{43}$',
        description: "the agent's side of the key agreement (X25519)",
      }),
    }),
  }),
} as const;

/** What goes over a line: each may be repeated at any time, so what a broken line left open is asked again without it. */
export const lineRoutes = {
  sendBatch: exchangeAgentRoutes.sendBatch,
  pollDeliveries: exchangeAgentRoutes.pollDeliveries,
  acknowledge: exchangeAgentRoutes.acknowledge,
} as const;
export type LineRoute = keyof typeof lineRoutes;

/** Largest frame from an agent; what is larger goes without the line. */
export const LINE_FRAME_BYTES = 192 * 1024;

/** Signed by the platform, under the nonce of the agent's signed request: proves whose side of the key agreement it is. */
export const LineWelcomeSchema = Type.Object(
  {
    type: Type.Literal('line-welcome'),
    agent: Type.String(),
    line: Type.String(),
    key: Type.String(),
    routes: Type.Array(Type.String(), {
      description: 'that the platform takes over it, by their names in `lineRoutes`',
    }),
    issuedAt: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
);
export type LineWelcome = Static<typeof LineWelcomeSchema>;

const call = Type.Integer({ minimum: 0 });
const at = Type.Integer({ description: 'milliseconds since 1970, by the clock of whom it is from' });

/** From agent to platform; the bytes of a bytes body follow the head in the frame. */
export const LineCallSchema = Type.Union([
  Type.Object({
    call,
    at,
    route: Type.Unsafe<LineRoute>(Type.Union(Object.keys(lineRoutes).map((name) => Type.Literal(name)))),
    params: Type.Optional(Type.Record(Type.String(), Type.String())),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    body: Type.Optional(Type.Unknown()),
  }),
  Type.Object({ call, cancel: Type.Literal(true) }),
]);
export type LineCall = Static<typeof LineCallSchema>;

/** From platform to agent. */
export const LineAnswerSchema = Type.Union([
  Type.Object({ call, at, answer: Type.Unknown() }),
  Type.Object({ call, at, problem: ProblemSchema }),
]);
export type LineAnswer = Static<typeof LineAnswerSchema>;

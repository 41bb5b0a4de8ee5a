import { Type } from '@sinclair/typebox';
import { QueryResultSchema } from '../query/answer.js';
import { LookupsSchema, MAX_QUERY_MS } from '../query/request.js';
import { route } from './route.js';

export const QueryBodySchema = Type.Object(
  {
    agreement: Type.Optional(
      Type.String({
        description: 'needed only where the department holds several agreements on the resource',
      }),
    ),
    matter: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        description: '所办业务事项;不写则为协议所载 / the business matter',
      }),
    ),
    lookups: LookupsSchema,
    timeoutMs: Type.Integer({ minimum: 100, maximum: MAX_QUERY_MS, default: 15_000 }),
  },
  { additionalProperties: false },
);

const shared = {
  method: 'POST',
  body: QueryBodySchema,
  response: QueryResultSchema,
} as const;

export const queryPersonRoutes = {
  query: route({
    ...shared,
    path: '/queries/{resource}/{service}',
    access: ['consumer', 'operator'],
    summary: '联机查询 / asks a query service of a resource, under an agreement of the own department',
  }),
} as const;

export const queryAgentRoutes = {
  agentQuery: route({
    ...shared,
    path: '/agent/queries/{resource}/{service}',
    access: 'agent',
    summary: '前置机代业务系统联机查询 / the same for a business system behind an agent',
  }),
  openTunnel: route({
    method: 'GET',
    path: '/agent/tunnel',
    access: 'agent',
    summary:
      '供数前置机的出站通道 (WebSocket) / upgrades to the WebSocket over which the platform asks the agent',
  }),
} as const;

import {
  type Access,
  agentRoutes,
  FENCE_HEADER,
  type Payload,
  personRoutes,
  type Role,
  type Route,
} from '@qianzhi/model';
import { returnBytes } from '@qianzhi/rows';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { platformErrors } from '../errors.js';
import type { AgentCaller, Caller, PersonCaller } from './caller.js';
import type { Lines } from './line/lines.js';
import { declaredUrl } from './problems.js';
import type { AgentSocket, Api, ApiRequest, Handler, StreamAnswer } from './serve.js';
import { nonceOf } from './sign-answer.js';
import { typedParts, typedQuery } from './typed-parts.js';

/** Largest JSON body. */
export const JSON_LIMIT = 1024 * 1024;
/** Largest batch: 4 MiB of zstd, with room for rows that do not compress. */
export const BYTES_LIMIT = 13 * 1024 * 1024;

export interface Authenticators {
  /** Throws a coded auth error unless the request is signed by a live agent's key; answers who it is. */
  agent(request: FastifyRequest, route: Route): Promise<AgentCaller>;
  /** Throws a coded auth error unless the request carries a live session. */
  person(request: FastifyRequest): Promise<PersonCaller>;
}

const tables: ReadonlySet<Route> = new Set<Route>([
  ...Object.values(agentRoutes),
  ...Object.values(personRoutes),
]);

/** Binds the model's routes to fastify: access first, then shape, then the feature's handler. */
export function createApi(
  app: FastifyInstance,
  authenticators: Authenticators,
  lines: Pick<Lines, 'serve'>,
  stopping: AbortSignal,
): Api {
  const bound = new Set<Route>();

  function bind<R extends Route, C extends Caller>(
    route: R,
    kind: 'agent' | 'person' | 'public',
    authenticate: (request: FastifyRequest) => Promise<C>,
    handle: Handler<R, C>,
    take?: (agent: AgentSocket) => void,
  ): void {
    const name = `${route.method} ${route.path}`;
    if (!tables.has(route)) throw new TypeError(`${name} is not in the route tables`);
    if (kindOf(route.access) !== kind) throw new TypeError(`${name} is not a route for ${kind}`);
    if (bound.has(route)) throw new TypeError(`${name} is bound twice`);
    bound.add(route);
    app.route({
      method: route.method,
      url: declaredUrl(route),
      bodyLimit: route.maxBytes ?? (route.body === 'bytes' ? BYTES_LIMIT : JSON_LIMIT),
      config: { route },
      // Persons are known before a body is read; an agent's signature covers the body, so it is read first.
      onRequest: async (request) => {
        if (kind === 'person') request.caller = await authenticate(request);
        if (kind === 'agent' && !request.headers['signature-input']) await authenticate(request);
      },
      preHandler: async (request) => {
        if (kind !== 'person') request.caller = await authenticate(request);
        if (take) typedQuery(route, request.query);
      },
      handler: async (request, reply) => {
        try {
          const answer = await handle(apiRequest(route, request, reply, stopping) as ApiRequest<R, C>);
          await request.nonceStored?.();
          if (route.response === 'stream') return sendStream(reply, answer as StreamAnswer);
          return send(reply, route, answer as Payload<Route['response']>);
        } finally {
          returnBytes(request.wireBody);
        }
      },
      ...(take && {
        wsHandler: (socket, request) =>
          take({
            caller: request.caller as AgentCaller,
            socket,
            nonce: nonceOf(request.headers['signature-input'])!,
            fence: Number(request.headers[FENCE_HEADER]),
            query: typedQuery(route, request.query),
            address: request.ip ?? '',
          }),
      }),
    });
  }

  const person = (access: readonly Role[]) => async (request: FastifyRequest) => {
    const caller = await authenticators.person(request);
    if (access.some((role) => caller.roles.includes(role))) return caller;
    request.caller = caller;
    throw platformErrors.ROLE_MISSING({
      account: caller.account,
      route: `${request.method} ${request.routeOptions.url ?? ''}`,
      roles: access.join(', '),
    });
  };

  return {
    serveAgent: (route, handle) => {
      bind(route, 'agent', (request) => authenticators.agent(request, route), handle);
      lines.serve(route, handle);
    },
    serveSocket: (route, take) => {
      const upgrade = () =>
        Promise.reject(platformErrors.UPGRADE_REQUIRED({ route: `${route.method} ${route.path}` }));
      bind(route, 'agent', (request) => authenticators.agent(request, route), upgrade, take);
    },
    servePerson: (route, handle) => bind(route, 'person', person(route.access as readonly Role[]), handle),
    servePublic: (route, handle) => bind(route, 'public', async () => ({ kind: 'public' }), handle),
  };
}

function kindOf(access: Access): 'agent' | 'person' | 'public' {
  return typeof access === 'string' ? access : 'person';
}

function apiRequest(route: Route, request: FastifyRequest, reply: FastifyReply, stopping: AbortSignal) {
  let over: AbortSignal | undefined;
  return {
    ...typedParts(route, request),
    caller: request.caller,
    headers: request.headers,
    address: request.ip ?? '',
    bodyDigest: request.wireDigest,
    note(facts: object) {
      request.logFacts = { ...request.logFacts, ...facts };
    },
    answerDigest(digest: string) {
      request.answerDigest = digest;
    },
    /** Made where it is asked for: few handlers wait, and what a signal holds lives until a full collection. */
    get signal() {
      over ??= overOf(reply, stopping);
      return over;
    },
  };
}

/** Aborted when the caller is gone or the platform stops. */
function overOf({ raw }: FastifyReply, stopping: AbortSignal): AbortSignal {
  const over = new AbortController();
  const stop = () => over.abort();
  if (stopping.aborted || raw.closed) stop();
  stopping.addEventListener('abort', stop, { once: true });
  raw.once('close', () => {
    stopping.removeEventListener('abort', stop);
    if (!raw.writableFinished) stop();
  });
  return over.signal;
}

/** A caller that takes nothing for so long is cut off. */
const STALLED_MS = 60_000;

function sendStream(reply: FastifyReply, { status, headers, body }: StreamAnswer): FastifyReply {
  reply.raw.setTimeout(STALLED_MS, () =>
    body.destroy(platformErrors.REQUEST_STALLED({ seconds: STALLED_MS / 1000 })),
  );
  return reply.status(status).headers(headers).type('application/octet-stream').send(body);
}

function send(reply: FastifyReply, route: Route, answer: Payload<Route['response']>): FastifyReply {
  if (route.response !== 'bytes') return reply.type('application/json').send(JSON.stringify(answer ?? null));
  const bytes = answer as Uint8Array;
  // only when all of it was handed to the system: a connection that breaks may still be reading it
  reply.raw.once('finish', () => returnBytes(bytes));
  return reply
    .type('application/octet-stream')
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

import type { IncomingMessage } from 'node:http';
import { API_ROOT, type Route, toProblem } from '@qianzhi/model';
import createFastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from 'fastify';
import { platformErrors } from '../errors.js';
import { admissionOf } from './admission.js';
import { JSON_LIMIT } from './api.js';
import { type Caller, callerName } from './caller.js';
import type { PlatformContext } from './context.js';
import { codedError, routeName } from './problems.js';
import { readBytes } from './read-bytes.js';
import { signAnswer } from './sign-answer.js';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
    /** The body as it came over the wire: what an agent's signature covers. */
    wireBody: Uint8Array;
    /** Its digest, once the signature over it was found right. */
    wireDigest: string | undefined;
    /** Resolves when the nonce of an agent's request is stored: nobody is answered before. */
    nonceStored: (() => Promise<void>) | undefined;
    /** Digest of the answer's bytes where the handler has proven it. */
    answerDigest: string | undefined;
    /** Ids and counts for its log line. */
    logFacts: object | undefined;
  }
  interface FastifyContextConfig {
    route?: Route;
  }
}

const NO_BODY = new Uint8Array(0);

/** Shapes are checked by the model; its schemas are in the routes for the OpenAPI document. Fastify's own compilers are never loaded. */
const noCompilers = {
  compilersFactory: {
    buildValidator: () => () => () => true,
    buildSerializer: () => () => (value: unknown) => JSON.stringify(value),
  },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;

/**
 * The HTTP server with our limits and manners: every wait has a deadline (Node's default has none), every failure
 * is problem details, every answer to a signed request is signed, the log names routes and callers only. An address
 * is that of the connection, or what one of the `gateways` says of it. Throws QZ_PLATFORM_ADDRESS_WRONG.
 */
export function createServer(context: PlatformContext, gateways: readonly string[]): FastifyInstance {
  const app = createFastify({
    logger: false,
    trustProxy: gateways.length > 0 && admissionOf(gateways),
    bodyLimit: JSON_LIMIT,
    requestTimeout: 120_000,
    connectionTimeout: 150_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    http: { headersTimeout: 20_000, connectionsCheckingInterval: 5_000 },
    return503OnClosing: true,
    exposeHeadRoutes: false,
    schemaController: noCompilers,
  });
  app.decorateRequest('caller');
  app.decorateRequest('wireBody');
  app.decorateRequest('wireDigest', undefined);
  app.decorateRequest('nonceStored', undefined);
  app.decorateRequest('answerDigest', undefined);
  app.decorateRequest('logFacts', undefined);
  app.addHook('onRequest', async (request) => {
    request.caller = { kind: 'public' };
    request.wireBody = NO_BODY;
    context.health.check();
  });
  readBodies(app);
  app.setErrorHandler(async (error: Error, request, reply) => {
    // a refusal is an answer, too
    const unstored: Error | undefined = await request.nonceStored?.().then(
      () => undefined,
      (cause) => cause,
    );
    const coded = codedError(unstored ?? error, request, context);
    request.logFacts = { ...request.logFacts, code: coded.code };
    await auditDenial(context, request.caller, routeName(request), coded.code, coded.kind);
    const problem = toProblem(coded);
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  app.setNotFoundHandler((request) => {
    throw platformErrors.ROUTE_UNKNOWN({ method: request.method, path: request.url.split('?')[0] });
  });
  app.addHook('onSend', (request, reply, payload) => signAnswer(context, request, reply, payload));
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode, elapsedTime } = reply;
    const known = request.routeOptions.url !== undefined;
    context.meter?.requestAnswered(known ? routeName(request) : 'unknown', statusCode);
    const facts = { route: routeName(request), caller: callerName(request.caller), status: statusCode };
    context.log.info({ ...facts, ...request.logFacts, ms: Math.round(elapsedTime) }, 'request');
  });
  return app;
}

function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    request.wireBody = body;
    if (body.length === 0) return done(null, undefined);
    return parseJson(request, body.toString('utf8'), done);
  });
  app.addContentTypeParser(
    'application/octet-stream',
    async (request: FastifyRequest, payload: IncomingMessage) => {
      request.wireBody = await readBytes(request, payload);
      return request.wireBody;
    },
  );
}

/** Denials of known callers go into the audit chain; of unknown ones into the log, so that nobody can fill the chain. */
async function auditDenial(
  context: PlatformContext,
  caller: Caller,
  route: string,
  code: string,
  kind: string,
): Promise<void> {
  // a wrong clock is no denial, and one of them may be ours
  if (kind !== 'denied' && kind !== 'auth' && code !== 'QZ_CLIENT_CLOCK_SKEW') return;
  context.log.warn({ route, caller: callerName(caller), code }, 'denied');
  if (caller.kind === 'public') return;
  await context.audit.record({
    actor: caller,
    action: route.replace(API_ROOT, ''),
    object: route,
    outcome: 'denied',
    details: { code },
  });
}

import type { IncomingMessage } from 'node:http';
import { type Route, toProblem } from '@qianzhi/model';
import createFastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from 'fastify';
import { platformErrors } from '../errors.js';
import { admissionOf } from './admission.js';
import { JSON_LIMIT } from './api.js';
import type { Caller } from './caller.js';
import type { PlatformContext } from './context.js';
import { type Asked, refusalOf, routeName, tellAnswered } from './problems.js';
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

/** Shapes are checked by the model, and described only when asked. Fastify's own compilers are never loaded. */
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
    const coded = await refusalOf(unstored ?? error, askedBy(request), context);
    request.logFacts = { ...request.logFacts, code: coded.code };
    const problem = toProblem(coded);
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  app.setNotFoundHandler((request) => {
    throw platformErrors.ROUTE_UNKNOWN({ method: request.method, path: request.url.split('?')[0] });
  });
  app.addHook('onSend', (request, reply, payload) => signAnswer(context, request, reply, payload));
  app.addHook('onResponse', async (request, reply) => {
    const asked = askedBy(request);
    const route = request.routeOptions.url === undefined ? 'unknown' : asked.route;
    tellAnswered(context, { ...asked, route }, reply.statusCode, reply.elapsedTime);
  });
  return app;
}

function askedBy(request: FastifyRequest): Asked {
  const { caller, logFacts: facts } = request;
  return { route: routeName(request), caller, facts, maxBytes: request.routeOptions.bodyLimit };
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

import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createSecureContext, type Server as TlsServer } from 'node:tls';
import { API_ROOT, systemReason } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import type { FastifyInstance } from 'fastify';
import { agentErrors } from '../errors.js';
import type { Ask } from '../queries/ask.js';
import type { ReceivedFeeds } from '../received/feed.js';
import { answerErrors } from './answer-errors.js';
import { audit } from './audit.js';
import { admitCallers } from './caller.js';
import { createEventStreams } from './event-stream.js';
import { openApiDocument } from './openapi/document.js';
import { type ApiSubject, withinScopes } from './openapi/subject.js';
import type { Pushing } from './pushing.js';
import { readBodies } from './read-body.js';
import { addFeedRoutes } from './routes/feed-routes.js';
import { addPushRoutes } from './routes/push-routes.js';
import { addQueryRoutes } from './routes/query-routes.js';
import { type ApiConfig, isLoopback } from './schema.js';

export interface RunningApi {
  readonly url: string;
  /** Event streams that are open. */
  streams(): number;
  /** Reads the certificate's files again; connections from now on get it. Throws QZ_AGENT_API_CERTIFICATE: the one before stays. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

export interface ApiParts {
  readonly config: ApiConfig;
  /** Of the config file: paths in it start here. */
  readonly folder: string;
  readonly stateDir: string;
  readonly pushing: Pushing;
  readonly feeds: ReceivedFeeds;
  readonly ask: Ask;
  readonly subject: () => Promise<ApiSubject>;
  readonly log: PluginLog;
  readonly stalledMs?: number | undefined;
}

const REQUEST_TIMEOUT_MS = 60_000;
const MiB = 1024 * 1024;

/**
 * Serves the department's business systems. Throws QZ_AGENT_API_UNPROTECTED, _API_CERTIFICATE, _API_PORT: an agent whose config asks
 * for an API does not start without it.
 */
export async function startApi(parts: ApiParts): Promise<RunningApi> {
  const { config, log } = parts;
  const https = await tlsOf(config, parts.folder);
  const { default: fastify } = await import('fastify');
  const app = fastify({
    https,
    bodyLimit: config.maxBodyMiB * MiB,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  } as { https: null }) as unknown as FastifyInstance;
  const stopping = new AbortController();
  answerErrors(app, log);
  readBodies(app);
  const callers = await admitCallers(app, parts.stateDir, config.requestsPerMinute);
  audit(app, log, callers.known);
  addPushRoutes(app, { callers, pushing: parts.pushing, limits: config });
  const { stateDir, stalledMs } = parts;
  const streams = createEventStreams({ stateDir, maxStreams: config.maxStreams, stalledMs, log });
  addFeedRoutes(app, { callers, feeds: parts.feeds, streams });
  addQueryRoutes(app, callers, parts.ask, stopping.signal);
  app.get(`${API_ROOT}/openapi.json`, async (request) => {
    const { scopes } = callers.any(request);
    return openApiDocument(withinScopes(await parts.subject(), scopes), urlOf(app, config));
  });
  await listen(app, config);
  const url = urlOf(app, config);
  log.info({ url }, 'the API for business systems is open');
  return {
    url,
    streams: streams.count,
    async renew() {
      const renewed = await tlsOf(config, parts.folder);
      if (renewed) (app.server as unknown as TlsServer).setSecureContext(renewed);
    },
    async close() {
      stopping.abort();
      await streams.close();
      await app.close();
    },
  };
}

/** Throws where the config cannot be served as it is: for `doctor` and the start. */
export async function tlsOf(
  { host, tls }: ApiConfig,
  folder: string,
): Promise<{ readonly cert: Buffer; readonly key: Buffer } | null> {
  if (!tls) {
    if (isLoopback(host)) return null;
    throw agentErrors.API_UNPROTECTED({ host });
  }
  try {
    const [cert, key] = await Promise.all(
      [tls.certificate, tls.key].map((file) => readFile(resolve(folder, file))),
    );
    createSecureContext({ cert, key });
    return { cert: cert!, key: key! };
  } catch (cause) {
    throw agentErrors.API_CERTIFICATE({ ...tls, reason: systemReason(cause) }, cause);
  }
}

async function listen(app: FastifyInstance, { host, port }: ApiConfig): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw agentErrors.API_PORT({ host, port, reason: systemReason(cause) }, cause);
  }
}

function urlOf(app: FastifyInstance, { host, tls }: ApiConfig): string {
  const { port: bound } = app.server.address() as AddressInfo;
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

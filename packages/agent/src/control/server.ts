import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import type { Engine } from '@qianzhi/engine';
import {
  API_ROOT,
  checkShape,
  errorKinds,
  isQianzhiError,
  type KeyRecord,
  modelErrors,
  type Payload,
  type Route,
  toProblem,
} from '@qianzhi/model';
import type { Static, TSchema } from '@qianzhi/model/schema';
import type { PluginLog } from '@qianzhi/plugin-api';
import type { FastifyRequest, FastifyServerOptions } from 'fastify';
import type { Alert } from '../alerts/record.js';
import { openApiDocument } from '../api/openapi/document.js';
import type { BusinessApi } from '../api/serve.js';
import { agentErrors } from '../errors.js';
import type { Packages } from '../link/packages/package-link.js';
import type { ReloadReport } from '../live/config-state.js';
import type { Ask } from '../queries/ask.js';
import type { ReceivedFeeds } from '../received/feed.js';
import type { Reconciler } from '../reconcile/reconciler.js';
import type { AgentStatus } from '../status.js';
import type { Webhooks } from '../webhooks/webhooks.js';
import { controlRoutes } from './routes.js';

const ORDERS_DEADLINE_MS = 3_000;
const notJson = { zh: '不是 JSON', en: 'is not JSON' };

export interface ControlTarget {
  readonly engine: Engine;
  readonly log: PluginLog;
  status(): AgentStatus;
  sync(signal: AbortSignal): Promise<void>;
  /** See `LiveConfig`. */
  reload(): Promise<ReloadReport>;
  keys(): readonly KeyRecord[];
  /** Oldest first. */
  alerts(): readonly Alert[];
  readonly packages?: Packages | undefined;
  readonly reconciler: Pick<Reconciler, 'begin' | 'running' | 'results'>;
  readonly ask: Ask;
  readonly api: Pick<BusinessApi, 'subject' | 'running'>;
  readonly feeds: Pick<ReceivedFeeds, 'list'>;
  readonly webhooks: Pick<Webhooks, 'status' | 'retry' | 'drop' | 'test'>;
}

interface Input<R extends Route> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: R['query'] extends TSchema ? Static<R['query']> : undefined;
  readonly body: Payload<R['body']>;
}

type Handlers = {
  [K in keyof typeof controlRoutes]: (
    input: Input<(typeof controlRoutes)[K]>,
    signal: AbortSignal,
  ) =>
    | Promise<Payload<(typeof controlRoutes)[K]['response']>>
    | Payload<(typeof controlRoutes)[K]['response']>;
};

/** Shapes are checked by the model: without this fastify loads a second schema compiler, and a compiler of serializers. */
const noSchemas = {
  compilersFactory: { buildValidator: () => () => () => true, buildSerializer: () => () => JSON.stringify },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;

/** Listens on the local socket, mode 0600; answers a function that stops. A socket left by a crash is replaced. */
export async function startControl(socketPath: string, target: ControlTarget): Promise<() => Promise<void>> {
  // of this package's users only an agent that runs serves anybody: commands would load it for nothing
  const { default: fastify } = await import('fastify');
  const app = fastify({ requestTimeout: 60_000, bodyLimit: 1 << 20, schemaController: noSchemas });
  const stopping = new AbortController();
  // Routes without a body may still name JSON as their type.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? undefined : JSON.parse(text as string));
    } catch (cause) {
      done(modelErrors.SHAPE_WRONG({ what: 'request', where: '/', problem: notJson }, cause));
    }
  });
  const handlers = handlersOf(target);
  for (const name of Object.keys(controlRoutes) as (keyof Handlers)[]) {
    const route: Route = controlRoutes[name];
    const handle = handlers[name] as (input: unknown, signal: AbortSignal) => unknown;
    app.route({
      method: route.method,
      url: API_ROOT + route.path.replace(/\{(\w+)\}/g, ':$1'),
      handler: async (request, reply) =>
        reply
          .type('application/json')
          .send(JSON.stringify(await handle(inputOf(route, request), stopping.signal))),
    });
  }
  app.setErrorHandler((error, _request, reply) => {
    const known = isQianzhiError(error) ? error : agentErrors.CONTROL_FAILED({}, error);
    if (known.kind === 'internal') target.log.error(placeOf(error), known.message);
    return reply
      .status(errorKinds[known.kind].http)
      .type('application/problem+json')
      .send(JSON.stringify(toProblem(known)));
  });
  if (process.platform !== 'win32') await rm(socketPath, { force: true });
  await app.listen({ path: socketPath });
  if (process.platform !== 'win32') await chmod(socketPath, 0o600);
  return async () => {
    stopping.abort();
    await app.close();
  };
}

/** Where an unforeseen error arose; its message may hold what it stumbled over, so it is left out. */
function placeOf(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  const at = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { error: error.name, at: at.slice(0, 5).map((line) => line.trim()) };
}

/** Open ones before resolved ones, the newest of each first. */
function openFirst(alerts: readonly Alert[]): Alert[] {
  const newest = alerts.toReversed();
  const isOpen = ({ resolvedAt }: Alert) => resolvedAt === undefined;
  return [...newest.filter(isOpen), ...newest.filter((alert) => !isOpen(alert))];
}

function inputOf(route: Route, request: FastifyRequest): unknown {
  return {
    params: request.params,
    query: route.query ? checkShape(route.query, coerce(route.query, request.query), 'query') : undefined,
    body: route.body && route.body !== 'bytes' ? checkShape(route.body, request.body, 'body') : undefined,
  };
}

/** Query values arrive as text; whole numbers are the only other type these routes use. */
function coerce(schema: TSchema, query: unknown): unknown {
  const properties = (schema as { properties?: Record<string, TSchema> }).properties ?? {};
  const entries = Object.entries(query as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, properties[name]?.type === 'integer' ? Number(value) : value]),
  );
}

function handlersOf(target: ControlTarget): Handlers {
  const { engine, status, sync, reload, keys, alerts, reconciler, ask, feeds, webhooks, api } = target;
  const { jobs, streams, quarantine } = engine;
  const packages = () => {
    if (target.packages) return target.packages;
    throw agentErrors.NO_PACKAGES({});
  };

  /** What a person starts acts on the newest orders. Out of reach, on those at hand: the run then says what is wrong. */
  async function onNewestOrders<T>(signal: AbortSignal, act: () => T): Promise<Awaited<T>> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(ORDERS_DEADLINE_MS)]);
    const synced = sync(deadline).catch((error) => {
      if (!isQianzhiError(error)) throw error;
    });
    await Promise.race([synced, once(deadline, 'abort')]);
    return await act();
  }

  return {
    status: () => status(),
    sync: async (_, signal) => {
      await sync(signal);
      return status();
    },
    reload: () => reload(),
    alerts: ({ query }) => ({ alerts: openFirst(alerts()).slice(0, query.limit) }),
    jobs: ({ query }) => ({ jobs: [...jobs.list(query)] }),
    runJob: ({ params }, signal) => onNewestOrders(signal, () => jobs.run(params.exchange!)),
    pause: ({ params }) => jobs.pause(params.exchange!),
    resume: ({ params }, signal) => onNewestOrders(signal, () => jobs.resume(params.exchange!)),
    showJob: ({ params }) => jobs.status(params.job!),
    jobLog: ({ params }) => ({ lines: [...jobs.log(params.job!)] }),
    retryJob: ({ params }, signal) => onNewestOrders(signal, () => jobs.retry(params.job!)),
    cancelJob: ({ params }) => jobs.cancel(params.job!),
    streams: () => ({ streams: [...streams.list()] }),
    showStream: ({ params }) => streams.show(params.stream!),
    resumeStream: ({ params }, signal) =>
      onNewestOrders(signal, () => ({ streams: [...streams.resume(params.stream!)] })),
    acceptSchema: ({ params }, signal) =>
      onNewestOrders(signal, () => streams.acceptSchema(params.stream!, signal)),
    resnapshot: ({ params }) => streams.resnapshot(params.stream!),
    discard: ({ params, body }) => streams.discard(params.stream!, body.exchange),
    recover: async ({ body }, signal) => ({ streams: [...(await streams.recover(body, signal))] }),
    quarantine: ({ query }) => ({ rows: [...quarantine.list(query)] }),
    exportQuarantine: async ({ body: { file, ...filter } }, signal) => ({
      rows: await quarantine.export(filter, file, signal),
      file,
    }),
    retryQuarantine: ({ params }, signal) => quarantine.retry(params.exchange!, signal),
    reconcile: ({ body }, signal) =>
      onNewestOrders(signal, async () => ({ running: [...(await reconciler.begin(body, signal))] })),
    reconciliations: () => ({ running: [...reconciler.running()] }),
    reconcileResults: ({ query }) => ({ results: [...reconciler.results(query.resource)] }),
    query: ({ params, body }, signal) =>
      ask({ resource: params.resource!, service: params.service!, body }, signal),
    receipts: async ({ query }) => ({
      receipts: [...(await engine.receipts.list(query))],
      begins: query.before === undefined ? [...engine.receipts.begins(query.name)] : [],
    }),
    packages: () => packages().status(),
    exportPackage: async ({ body }) => ({ package: (await packages().export(body.again)) ?? null }),
    importPackages: async ({ body }) => ({ taken: [...(await packages().import(body.file))] }),
    feeds: async () => ({ feeds: [...(await feeds.list())] }),
    webhooks: () => ({ webhooks: [...webhooks.status()] }),
    retryWebhook: async ({ params, body }) => ({ letters: await webhooks.retry(params.webhook!, body.id) }),
    dropWebhook: async ({ params, body }) => ({ letters: await webhooks.drop(params.webhook!, body.id) }),
    testWebhook: async ({ params }, signal) => ({ host: await webhooks.test(params.webhook!, signal) }),
    openapi: async () => openApiDocument(await api.subject(), api.running?.url),
    keys: () => ({ keys: [...keys()] }),
  };
}

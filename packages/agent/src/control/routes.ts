import type {
  Discarded,
  ExchangeInfo,
  JobInfo,
  JobLine,
  JobState,
  QuarantineEntry,
  ReconcileResult,
  StoredReceipt,
  StreamInfo,
} from '@qianzhi/engine';
import { ChainBeginSchema, KeyRecordSchema, QueryBodySchema, QueryResultSchema, route } from '@qianzhi/model';
import { Type } from '@qianzhi/model/schema';
import type { Alert } from '../alerts/record.js';
import type { ReloadReport } from '../live/config-state.js';
import type { RunningReconciliation } from '../reconcile/reconciler.js';
import type { AgentStatus } from '../status.js';
import { packageRoutes } from './package-routes.js';
import { webhookRoutes } from './webhook-routes.js';

const job = Type.Unsafe<JobInfo>({});
const exchange = Type.Unsafe<ExchangeInfo>({});
const stream = Type.Unsafe<StreamInfo>({});
const reconciliations = Type.Array(Type.Unsafe<RunningReconciliation>({}));
const local = 'public' as const;

/** The engine's own list; not imported from it, so that a command which only asks does not load an engine. */
const jobStates = [
  'queued',
  'running',
  'waiting',
  'done',
  'failed',
  'cancelled',
] as const satisfies readonly JobState[];

/**
 * What the running agent answers on its local socket, below the same API root. Whoever may open the socket (mode
 * 0600, the agent's own user) may call; nothing here is reachable over the network.
 */
export const controlRoutes = {
  status: route({
    method: 'GET',
    path: '/status',
    access: local,
    summary: 'agent, link and exchanges',
    response: Type.Unsafe<AgentStatus>({}),
  }),
  sync: route({
    method: 'POST',
    path: '/sync',
    access: local,
    summary: 'fetch orders and lease now',
    response: Type.Unsafe<AgentStatus>({}),
  }),
  reload: route({
    method: 'POST',
    path: '/reload',
    access: local,
    summary: 'read the config again; 400 and the old one where it is wrong',
    response: Type.Unsafe<ReloadReport>({}),
  }),
  alerts: route({
    method: 'GET',
    path: '/alerts',
    access: local,
    summary: 'alerts, open ones first, the newest of each first',
    query: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }) }),
    response: Type.Object({ alerts: Type.Array(Type.Unsafe<Alert>({})) }),
  }),
  jobs: route({
    method: 'GET',
    path: '/jobs',
    access: local,
    summary: 'jobs, newest first',
    query: Type.Object({
      exchange: Type.Optional(Type.String()),
      state: Type.Optional(Type.Union(jobStates.map((state) => Type.Literal(state)))),
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
    }),
    response: Type.Object({ jobs: Type.Array(job) }),
  }),
  runJob: route({
    method: 'POST',
    path: '/exchanges/{exchange}/run',
    access: local,
    summary: 'queue a run by hand',
    response: job,
  }),
  pause: route({
    method: 'POST',
    path: '/exchanges/{exchange}/pause',
    access: local,
    summary: 'pause after the current batch',
    response: exchange,
  }),
  resume: route({
    method: 'POST',
    path: '/exchanges/{exchange}/resume',
    access: local,
    summary: 'start a paused or stopped exchange',
    response: exchange,
  }),
  showJob: route({ method: 'GET', path: '/jobs/{job}', access: local, summary: 'one job', response: job }),
  jobLog: route({
    method: 'GET',
    path: '/jobs/{job}/log',
    access: local,
    summary: 'log lines of a job',
    response: Type.Object({ lines: Type.Array(Type.Unsafe<JobLine>({})) }),
  }),
  retryJob: route({
    method: 'POST',
    path: '/jobs/{job}/retry',
    access: local,
    summary: 'run a failed, cancelled or waiting job now',
    response: job,
  }),
  cancelJob: route({
    method: 'POST',
    path: '/jobs/{job}/cancel',
    access: local,
    summary: 'cancel a job',
    response: job,
  }),
  streams: route({
    method: 'GET',
    path: '/streams',
    access: local,
    summary: 'streams and deliveries',
    response: Type.Object({ streams: Type.Array(stream) }),
  }),
  showStream: route({
    method: 'GET',
    path: '/streams/{stream}',
    access: local,
    summary: 'one stream, by name or resource',
    response: stream,
  }),
  resumeStream: route({
    method: 'POST',
    path: '/streams/{stream}/resume',
    access: local,
    summary: 'let a stopped stream go on',
    response: Type.Object({ streams: Type.Array(stream) }),
  }),
  acceptSchema: route({
    method: 'POST',
    path: '/streams/{stream}/accept-schema',
    access: local,
    summary: "accept the catalog's current schema",
    response: stream,
  }),
  resnapshot: route({
    method: 'POST',
    path: '/streams/{stream}/resnapshot',
    access: local,
    summary: 'read a whole snapshot next',
    response: stream,
  }),
  discard: route({
    method: 'POST',
    path: '/streams/{stream}/discard',
    access: local,
    summary: 'give up what is sealed and has no receipt; the stream is stopped',
    body: Type.Object({ exchange: Type.String() }),
    response: Type.Unsafe<Discarded>({}),
  }),
  recover: route({
    method: 'POST',
    path: '/recover',
    access: local,
    summary: 'open the next epoch after lost or restored state',
    body: Type.Object({ resource: Type.Optional(Type.String()), reason: Type.String({ minLength: 1 }) }),
    response: Type.Object({ streams: Type.Array(stream) }),
  }),
  quarantine: route({
    method: 'GET',
    path: '/quarantine',
    access: local,
    summary: 'rejected rows, without their values',
    query: Type.Object({
      exchange: Type.Optional(Type.String()),
      reason: Type.Optional(Type.String()),
      limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
    }),
    response: Type.Object({ rows: Type.Array(Type.Unsafe<QuarantineEntry>({})) }),
  }),
  exportQuarantine: route({
    method: 'POST',
    path: '/quarantine/export',
    access: local,
    summary: 'write rejected rows in clear to a new file of mode 0600',
    body: Type.Object({
      exchange: Type.Optional(Type.String()),
      reason: Type.Optional(Type.String()),
      file: Type.String(),
    }),
    response: Type.Object({ rows: Type.Integer(), file: Type.String() }),
  }),
  retryQuarantine: route({
    method: 'POST',
    path: '/quarantine/{exchange}/retry',
    access: local,
    summary: 'check rejected rows again and send the valid ones',
    response: Type.Object({
      sent: Type.Integer(),
      stillRejected: Type.Integer(),
      superseded: Type.Integer(),
    }),
  }),
  reconcile: route({
    method: 'POST',
    path: '/reconciliations',
    access: local,
    summary: 'compare both sides; it goes on by itself',
    body: Type.Object({
      resource: Type.String(),
      agreement: Type.Optional(Type.String()),
      repair: Type.Boolean(),
    }),
    response: Type.Object({ running: reconciliations }),
  }),
  reconciliations: route({
    method: 'GET',
    path: '/reconciliations',
    access: local,
    summary: 'reconciliations under way, and ended ones of this process',
    response: Type.Object({ running: reconciliations }),
  }),
  reconcileResults: route({
    method: 'GET',
    path: '/reconciliations/results',
    access: local,
    summary: 'the newest result of each exchange and agreement, with the differing keys',
    query: Type.Object({ resource: Type.Optional(Type.String()) }),
    response: Type.Object({ results: Type.Array(Type.Unsafe<ReconcileResult>({})) }),
  }),
  query: route({
    method: 'POST',
    path: '/queries/{resource}/{service}',
    access: local,
    summary: 'ask a query service of another department; what comes back is proven and logged',
    body: QueryBodySchema,
    response: QueryResultSchema,
  }),
  receipts: route({
    method: 'GET',
    path: '/receipts',
    access: local,
    summary: 'receipts this agent earned and issued',
    query: Type.Object({
      name: Type.Optional(Type.String()),
      before: Type.Optional(Type.String({ description: 'id of the last receipt of the page before' })),
      limit: Type.Integer({ minimum: 1, maximum: 100_000, default: 1000 }),
    }),
    response: Type.Object({
      receipts: Type.Array(Type.Unsafe<StoredReceipt>({})),
      begins: Type.Array(ChainBeginSchema, { description: 'chains whose beginning was moved into files' }),
    }),
  }),
  ...packageRoutes,
  ...webhookRoutes,
  openapi: route({
    method: 'GET',
    path: '/openapi',
    access: local,
    summary: 'OpenAPI of the API for business systems, of all that it offers',
    response: Type.Unsafe<Readonly<Record<string, unknown>>>({}),
  }),
  keys: route({
    method: 'GET',
    path: '/keys',
    access: local,
    summary: 'the key directory as last received',
    response: Type.Object({ keys: Type.Array(KeyRecordSchema) }),
  }),
} as const;

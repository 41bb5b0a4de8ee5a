import { randomUUID } from 'node:crypto';
import {
  type CatalogResource,
  isQianzhiError,
  MAX_ANSWER_BYTES,
  type Payload,
  type QueryRequest,
  type QueryResult,
  type queryPersonRoutes,
} from '@qianzhi/model';
import { lastingDigest, serviceDigest, signWithDigest } from '@qianzhi/model/crypto';
import { catalogErrors } from '../catalog/errors.js';
import { platformErrors } from '../errors.js';
import type { Amount, AuditEntry, UsageService } from '../ports.js';
import { type AgentCaller, callerName, type PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import type { States } from '../state/states.js';
import { type Answering, createAnswerHere } from './answer-here.js';
import { queryErrors } from './errors.js';
import { type Judged, judge } from './judge.js';
import { createKnown, type KnownPorts } from './known.js';
import { createProver, type Proven, type Question } from './prove.js';
import type { Tunnels } from './tunnels.js';

type Body = Payload<(typeof queryPersonRoutes.query)['body']>;

export interface Queries {
  /**
   * Asks a query service for the caller's department, connected from `address`. What is answered is recorded, with its receipt, before anybody sees it. Throws
   * QZ_PLATFORM_QUERY_*, _RESOURCE_UNKNOWN, _ADDRESS_NOT_ALLOWED, _QUOTA_USED, or the provider agent's own error.
   */
  ask(
    caller: PersonCaller | AgentCaller,
    place: { readonly resource: string; readonly service: string },
    body: Body,
    address: string,
    signal: AbortSignal,
  ): Promise<QueryResult>;
}

export interface QueryPorts extends KnownPorts {
  readonly usage: Pick<UsageService, 'begin' | 'record'>;
  readonly tunnels: Tunnels;
  /** What the platform holds of resources. */
  readonly states: Pick<States, 'lookup' | 'current' | 'release'>;
}

/** Most rows of one answer, whatever the service and the quota say. */
const MAX_ROWS = 100_000;
/** Beyond its time a request is refused by the agent, whose clock may differ. */
const LIFE_MS = 60_000;

interface Running {
  readonly agreement: string;
  readonly grantVersion: number;
  readonly stop: AbortController;
}

export function createQueries(context: PlatformContext, ports: QueryPorts): Queries {
  const { now, signingKey, audit } = context;
  const { usage, tunnels } = ports;
  const known = createKnown(ports);
  const prove = createProver(context);
  const answerHere = createAnswerHere(context, ports.states, known);
  const running = new Set<Running>();

  ports.agreements.onGrantChanged(({ agreement, grantVersion, change }) => {
    if (change === 'granted') return;
    for (const one of running) {
      if (one.agreement !== agreement || one.grantVersion !== grantVersion) continue;
      one.stop.abort(queryErrors.QUERY_REVOKED({ agreement, change }));
    }
  });

  function requestFor(
    caller: PersonCaller | AgentCaller,
    resource: CatalogResource,
    { service, grant, items, lookups }: Judged,
    { agent, tunnel }: Answering,
    left: Amount,
    body: Body,
  ): Question {
    const at = now();
    const { agreement, grantVersion, consumer, purpose } = grant.body;
    const request: QueryRequest = {
      type: 'query',
      version: 1,
      id: randomUUID(),
      salt: randomUUID(),
      agent,
      tunnel,
      resource: resource.code,
      schemaVersion: resource.schemaVersion,
      service: service.name,
      serviceDigest: serviceDigest(service),
      agreement,
      grantVersion,
      grantDigest: lastingDigest(grant, signingKey.suite),
      consumer,
      actor: callerName(caller),
      matter: body.matter ?? purpose.matter,
      items: [...items],
      lookups,
      maxRows: Math.min(service.maxRows * lookups.length, left.rows, MAX_ROWS),
      maxBytes: Math.min(left.bytes, MAX_ANSWER_BYTES),
      timeoutMs: body.timeoutMs,
      issuedAt: at.toISOString(),
      expiresAt: new Date(at.getTime() + LIFE_MS).toISOString(),
    };
    return signWithDigest(request, signingKey);
  }

  async function answeringOf(resource: CatalogResource, service: string): Promise<Answering> {
    const { answeredBy } = resource.queries!.find(({ name }) => name === service)!;
    if (answeredBy === 'platform') return answerHere(resource);
    for (const tunnel of tunnels.offering(resource.department, resource.code, service)) {
      if (await known.hasDuty(resource.code, tunnel.caller.agent))
        return {
          agent: tunnel.caller.agent,
          tunnel: tunnel.nonce,
          answer: async (question, { grant }, signal) =>
            prove(await tunnel.ask(question.document, grant, signal), question, grant.body, resource, tunnel),
        };
    }
    throw queryErrors.QUERY_PROVIDER_OFFLINE({
      provider: resource.department,
      resource: resource.code,
      service,
    });
  }

  /** Has it answered under a signal that fires for whatever makes the answer worthless. */
  async function answered(
    question: Question,
    judged: Judged,
    answering: Answering,
    gone: AbortSignal,
  ): Promise<{ readonly proven: Proven; requireLive(): void; done(): void }> {
    const { agreement, grantVersion, resource, service, timeoutMs } = question.document.body;
    const stop = new AbortController();
    const one: Running = { agreement, grantVersion, stop };
    const leave = () => stop.abort(queryErrors.QUERY_CANCELLED({ resource, service }));
    const late = () => stop.abort(queryErrors.QUERY_TIMEOUT({ resource, service, timeoutMs }));
    const timer = setTimeout(late, timeoutMs);
    gone.addEventListener('abort', leave, { once: true });
    running.add(one);
    const done = () => {
      clearTimeout(timer);
      gone.removeEventListener('abort', leave);
      running.delete(one);
    };
    const requireLive = () => {
      if (gone.aborted) leave();
      if (stop.signal.aborted) throw stop.signal.reason;
    };
    try {
      await requireGranted(question.document.body);
      requireLive();
      const proven = await answering.answer(question, judged, stop.signal);
      requireLive();
      return { proven, requireLive, done };
    } catch (error) {
      done();
      throw error;
    }
  }

  /** The grant may have ended after the question was judged, before it was among those that are stopped. */
  async function requireGranted({
    consumer,
    resource,
    agreement,
    grantVersion,
  }: QueryRequest): Promise<void> {
    const held = (await known.grants(consumer, resource)).find(({ body }) => body.agreement === agreement);
    if (held?.body.grantVersion === grantVersion) return;
    throw queryErrors.QUERY_REVOKED({ agreement, change: held ? 'replaced' : 'revoked' });
  }

  async function failed(entry: Omit<AuditEntry, 'outcome'>, error: unknown): Promise<void> {
    // a denial is recorded where every denial is
    if (isQianzhiError(error) && (error.kind === 'denied' || error.kind === 'auth')) return;
    const code = isQianzhiError(error) ? error.code : 'internal';
    await audit.record({ ...entry, outcome: 'failed', details: { ...entry.details, code } });
  }

  return {
    async ask(caller, { resource: code, service: name }, body, address, signal) {
      const { department } = caller;
      if (department === null)
        throw platformErrors.OTHER_DEPARTMENT({
          account: callerName(caller),
          department: '-',
          what: 'query',
        });
      const resource = await known.resource(code);
      if (!resource) throw catalogErrors.RESOURCE_UNKNOWN({ resource: code });
      const asked = { department, service: name, agreement: body.agreement, lookups: body.lookups };
      const judged = judge(asked, resource, await known.grants(department, code), now());
      await ports.agreements.requireAddress(judged.grant.body, address);
      const answering = await answeringOf(resource, name);
      const left = await usage.begin(judged.grant.body);
      const question = requestFor(caller, resource, judged, answering, left, body);
      const { document: request, digest: requestDigest } = question;
      const { id, agreement, grantVersion, agent, matter } = request.body;
      const entry = {
        actor: caller,
        action: 'query.ask',
        object: `${code}/${name}`,
        details: { id, agreement, grantVersion, agent, requestDigest },
      };
      const started = performance.now();
      const ended = (outcome: string, rows = 0) =>
        context.meter?.queryEnded({
          by: agent === 'platform' ? 'platform' : 'agent',
          outcome,
          rows,
          ms: performance.now() - started,
        });
      try {
        const { proven, requireLive, done } = await answered(question, judged, answering, signal);
        try {
          const { body: answer } = proven.answer;
          const { rows, complete } = answer;
          const details = { ...entry.details, rows, complete, digest: proven.digest };
          const receipt = await usage.record({
            grant: judged.grant.body,
            mode: 'online-query',
            actor: caller,
            matter,
            digest: proven.digest,
            rows,
            bytes: proven.bytes,
            bounded: true,
            audit: { ...entry, outcome: 'done', details },
          });
          // what was revoked while it was recorded is not shown: the record says more than was seen
          requireLive();
          ended(complete ? 'complete' : 'partial', rows);
          return {
            id,
            resource: code,
            schemaVersion: resource.schemaVersion,
            service: name,
            agreement,
            grantVersion,
            items: [...judged.items],
            values: proven.values,
            rows,
            counts: answer.counts,
            complete,
            stoppedBy: answer.stoppedBy,
            rejected: answer.rejected,
            digest: proven.digest,
            request,
            answer: proven.own ? proven.answer : null,
            receipt,
          };
        } finally {
          done();
        }
      } catch (error) {
        ended(isQianzhiError(error) ? error.code : 'internal');
        await failed(entry, error);
        throw error;
      }
    },
  };
}

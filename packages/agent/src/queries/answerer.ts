import {
  type Assignments,
  type Grant,
  isQianzhiError,
  type KeyRecord,
  type LocalQuery,
  type QianzhiError,
  type QueryAnswer,
  type QueryRequest,
  queryName,
  type Signed,
  withinTime,
} from '@qianzhi/model';
import {
  documentDigest,
  type SigningKey,
  signDocument,
  suiteOf,
  verifyDocument,
} from '@qianzhi/model/crypto';
import type { AcceptedQuery, AnsweringMode, OpenQuery, PluginLog } from '@qianzhi/plugin-api';
import { agentErrors } from '../errors.js';
import type { QueryEvent } from './query-event.js';
import type { QueryLog } from './query-log.js';
import type { QueryPool } from './query-pool.js';

export interface AnswererParts {
  readonly agent: string;
  readonly department: string;
  readonly signingKey: SigningKey;
  readonly now: () => Date;
  readonly platformKeys: () => readonly KeyRecord[];
  readonly assignments: () => Assignments | undefined;
  /** Fetches the newest orders. */
  readonly refresh: (signal: AbortSignal) => Promise<void>;
  readonly localOf: (
    request: QueryRequest,
  ) => { readonly local: LocalQuery; readonly mode: AnsweringMode } | undefined;
  /** Judges where the config answers nothing of that name. */
  readonly fallback: () => AnsweringMode | undefined;
  readonly pool: QueryPool;
  readonly queryLog: QueryLog;
  readonly ended: (event: QueryEvent) => void;
  readonly log: PluginLog;
}

export interface Answer {
  readonly answer: Signed<QueryAnswer>;
  readonly bytes: Uint8Array;
}

/** Answers requests that came by the connection `tunnel`; each once. */
export type Answerer = (
  request: Signed<QueryRequest>,
  grant: Signed<Grant>,
  tunnel: string,
  signal: AbortSignal,
) => Promise<Answer>;

/** Ids are kept for longer than any request is good. */
const REMEMBERED_MS = 10 * 60_000;
const MOST_GRANTS = 1_000;

export function createAnswerer(parts: AnswererParts): Answerer {
  const { agent, department, signingKey, now, pool, queryLog } = parts;
  const seen = createSeen();
  /** Digests of grants whose signature is proven, by what came. */
  const trusted = new Map<string, string>();

  function requireTrust({ body, signature }: Signed<QueryRequest>, grant: Signed<Grant>): void {
    try {
      verifyDocument({ body, signature }, parts.platformKeys(), now().toISOString());
      requireGrant(body, grant);
    } catch (error) {
      if (!isQianzhiError(error)) throw error;
      throw agentErrors.QUERY_UNTRUSTED({ id: body.id, code: error.code }, error);
    }
  }

  /** The same grant comes with every request under it: its signature is proven once. */
  function requireGrant({ id, grantDigest }: QueryRequest, grant: Signed<Grant>): void {
    const text = JSON.stringify(grant);
    const known = trusted.get(text);
    const digest = known ?? documentDigest(grant, suiteOf('intl'));
    if (digest !== grantDigest) throw agentErrors.QUERY_UNTRUSTED({ id, code: 'grantDigest' });
    if (known !== undefined) return;
    verifyDocument(grant, parts.platformKeys(), grant.body.issuedAt);
    if (trusted.size >= MOST_GRANTS) trusted.clear();
    trusted.set(text, digest);
  }

  function accept(request: QueryRequest, grant: Grant, tunnel: string): Accepted {
    const found = parts.localOf(request);
    const mode = found?.mode ?? parts.fallback();
    const resource = parts
      .assignments()
      ?.supply.find(({ duty }) => duty.body.resource === request.resource)?.resource;
    const facts = { agent, department, tunnel, resource, local: found?.local, now: now() };
    const accepted = mode?.accept(request, grant, facts);
    if (!accepted || !found) {
      const service = `${request.resource}/${request.service}`;
      throw agentErrors.QUERY_UNASSIGNED({ agent, resource: request.resource, service });
    }
    return { accepted, ...found };
  }

  /** Orders come every few seconds; what was published a moment ago is fetched for the first who asks. */
  async function acceptOnNewest(request: QueryRequest, grant: Grant, tunnel: string, signal: AbortSignal) {
    try {
      return accept(request, grant, tunnel);
    } catch (error) {
      const outdated = ['QZ_QUERY_SERVICE_DIFFERS', 'QZ_QUERY_NOT_SUPPLIED'];
      if (!isQianzhiError(error) || !outdated.includes(error.code)) throw error;
      await parts.refresh(signal);
      return accept(request, grant, tunnel);
    }
  }

  async function answered(
    request: Signed<QueryRequest>,
    grant: Signed<Grant>,
    tunnel: string,
    signal: AbortSignal,
  ) {
    requireTrust(request, grant);
    const { body } = request;
    if (!seen(body.id)) throw agentErrors.QUERY_REPLAYED({ id: body.id });
    const { accepted, local, mode } = await acceptOnNewest(body, grant.body, tunnel, signal);
    const timed = withinTime(accepted.timeoutMs, signal);
    try {
      const work = (query: OpenQuery) => mode.answer(body, grant.body, accepted, query, timed.signal);
      return await pool.use(accepted, local, work, timed.signal);
    } catch (error) {
      if (timed.late) throw agentErrors.QUERY_SLOW({ agent, code: 'timeoutMs' }, error);
      throw error;
    } finally {
      timed.done();
    }
  }

  /** Another department is told that and why it failed, by code; names of tables and servers stay here. */
  function shown(error: unknown, id: string): QianzhiError {
    if (!isQianzhiError(error)) {
      parts.log.error(
        { id, error: error instanceof Error ? error.name : typeof error },
        'answering a query failed inside',
      );
      return agentErrors.QUERY_FAILED({ agent, code: 'internal' }, error);
    }
    if (/^QZ_(QUERY|AGENT_QUERY)_/.test(error.code)) return error;
    const { code } = error;
    parts.log.warn({ id, code }, error.message);
    return error.kind === 'timeout'
      ? agentErrors.QUERY_SLOW({ agent, code }, error)
      : agentErrors.QUERY_FAILED({ agent, code }, error);
  }

  return async (request, grant, tunnel, signal) => {
    const { body } = request;
    const { id, resource, service, agreement, grantVersion, consumer, actor, matter } = body;
    const requestDigest = documentDigest(request, suiteOf('intl'));
    const about = { id, resource, service, agreement, grantVersion, consumer, actor, matter, requestDigest };
    const started = performance.now();
    const ended = (outcome: QueryEvent['outcome'], rows: number) =>
      parts.ended({
        service: parts.localOf(body) ? queryName(body) : 'unknown',
        outcome,
        rows,
        ms: performance.now() - started,
      });
    try {
      const { bytes, rows, counts, stoppedBy, rejected } = await answered(request, grant, tunnel, signal);
      const answer: QueryAnswer = {
        type: 'query-answer',
        version: 1,
        id,
        requestDigest,
        agent,
        rows,
        counts: [...counts],
        complete: stoppedBy === undefined,
        stoppedBy: stoppedBy ?? null,
        rejected,
        bytes: bytes.length,
        rowsDigest: suiteOf('intl').digest(bytes),
        answeredAt: now().toISOString(),
      };
      const signed = signDocument(answer, signingKey);
      const { complete, rowsDigest } = answer;
      await queryLog.record({ kind: 'answered', ...about, rows, complete, rowsDigest });
      ended(complete ? 'complete' : 'partial', rows);
      return { answer: signed, bytes };
    } catch (error) {
      ended('refused', 0);
      const problem = shown(error, id);
      await queryLog.record({
        kind: 'refused',
        ...about,
        code: isQianzhiError(error) ? error.code : problem.code,
      });
      throw problem;
    }
  };
}

interface Accepted {
  readonly accepted: AcceptedQuery;
  readonly local: LocalQuery;
  readonly mode: AnsweringMode;
}

/** True for an id that was not there before. */
function createSeen(): (id: string) => boolean {
  let newer = new Set<string>();
  let older = new Set<string>();
  let since = performance.now();
  return (id) => {
    if (performance.now() - since > REMEMBERED_MS) {
      older = newer;
      newer = new Set();
      since = performance.now();
    }
    if (newer.has(id) || older.has(id)) return false;
    newer.add(id);
    return true;
  };
}

import { randomUUID } from 'node:crypto';
import { createClient, type PlatformClient } from '@qianzhi/client';
import {
  type Assignments,
  agentRoutes,
  checkShape,
  isQianzhiError,
  type KeyRecord,
  type Lease,
  LeaseSchema,
  type Problem,
  type QianzhiError,
  type Signed,
  toProblem,
} from '@qianzhi/model';
import { verifyDocument } from '@qianzhi/model/crypto';
import type { PluginLog } from '@qianzhi/plugin-api';
import { agentErrors } from '../errors.js';
import { type Identity, signingKeyOf } from '../identity/identity-file.js';
import { readAssignments, writeAssignments } from './assignments-file.js';
import { createHold, pauseAfterCut } from './hold.js';
import { withLine } from './line/with-line.js';

export interface LinkOptions {
  readonly identity: Identity;
  readonly url: string;
  readonly stateDir: string;
  readonly version: string;
  readonly now: () => Date;
  readonly log: PluginLog;
  /** Called when the assignments or the grants of the lease changed, and when link or lease came back. */
  readonly onChange: () => void;
  /** Another instance of this identity has taken over: this one must stop. */
  readonly onFenced: (error: QianzhiError) => void;
}

/** What the agent knows of the platform, kept fresh: its orders, its lease and whether it can be reached. */
export interface PlatformLink {
  readonly client: PlatformClient;
  assignments(): Assignments | undefined;
  lease(): Lease | undefined;
  /** The platform's keys: the one met at enrolment. */
  platformKeys(): readonly KeyRecord[];
  status(): LinkStatus;
  /** Claims the live instance and fetches orders and lease. Throws what the platform or network says. */
  open(signal: AbortSignal): Promise<void>;
  refresh(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface LinkStatus {
  readonly url: string;
  readonly online: boolean;
  readonly lastContactAt: string | undefined;
  /** When what `problem` says began. */
  readonly problemSince: string | undefined;
  readonly problem: Problem | undefined;
  readonly assignmentsVersion: number | undefined;
  readonly leaseExpiresAt: string | undefined;
  /** How far our clock is ahead of the platform's; undefined before the first contact. */
  readonly clockSkewSeconds: number | undefined;
}

/** A request that is held has no answer so long after its time: nobody will give one. */
const GRACE_MS = 10_000;

/** An answer to a request that was held, and the lease it was asked with. */
interface Held {
  readonly asked: Lease;
  readonly document: Signed<Lease>;
  readonly answered: number;
}

export function createPlatformLink(options: LinkOptions): PlatformLink {
  const { identity, log, now } = options;
  let fence: number | undefined;
  let assignments: Assignments | undefined;
  let lease: Lease | undefined;
  /** `state` of the lease with which the assignments were fetched last. */
  let ordered: string | undefined;
  const hold = createHold();
  let lastContactAt: string | undefined;
  let problem: QianzhiError | undefined;
  let problemSince: string | undefined;
  let clockSkewSeconds: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> = Promise.resolve();
  const closing = new AbortController();
  const platformKeys = () => identity.platformKeys;
  const client = createClient({
    url: options.url,
    now,
    identity: {
      kind: 'agent',
      key: signingKeyOf(identity),
      audience: identity.audience,
      platformKeys,
      fence: () => fence,
    },
  });

  async function claim(signal: AbortSignal): Promise<void> {
    await requireOwnKey(signal);
    const answer = await client.call(
      agentRoutes.claimInstance,
      { body: { instance: randomUUID(), version: options.version } },
      signal,
    );
    fence = answer.fence;
  }

  /**
   * A claim fences whoever is known by this key, so whose it is comes first: the key directory of the last orders says it,
   * before there are any the platform, which refuses a request without a fence by the name of its agent.
   */
  async function requireOwnKey(signal: AbortSignal): Promise<void> {
    const known = assignments?.keys.find((one) => one.keyId === identity.keyId);
    if (known) return requireOwn(known.owner);
    try {
      await client.call(agentRoutes.lease, {}, signal);
    } catch (error) {
      if (!isQianzhiError(error, 'QZ_PLATFORM_INSTANCE_UNCLAIMED')) throw error;
      requireOwn(String(error.details.agent));
    }
  }

  /** Documents of another agent come where its key lies in this identity file: nothing here may act on them. */
  function requireOwn(owner: string): void {
    const { agent } = identity;
    if (owner !== agent) throw agentErrors.IDENTITY_FOREIGN({ stateDir: options.stateDir, agent, owner });
  }

  async function refreshAssignments(signal: AbortSignal): Promise<boolean> {
    const document = await client.call(agentRoutes.assignments, {}, signal);
    verifyDocument(document, identity.platformKeys, now().toISOString());
    requireOwn(document.body.agent);
    const known = assignments?.version ?? 0;
    const { version, issuedAt } = document.body;
    if (version < known) throw agentErrors.DOCUMENT_OLD({ received: version, known });
    // a restored platform may give a version once more: what it issued later holds
    if (version === known && issuedAt <= assignments!.issuedAt) return false;
    await writeAssignments(options.stateDir, document);
    assignments = document.body;
    return true;
  }

  async function refreshLease(signal: AbortSignal): Promise<boolean> {
    const asked = now().getTime();
    // what names a state can hold the next one back; a platform that knows nothing of it reads no query
    const document = await client.call(agentRoutes.lease, { query: { waitMs: 0 } }, signal);
    return takeLease(document, (asked + now().getTime()) / 2);
  }

  /** `issued`: when that was, by our clock. */
  function takeLease(document: Signed<Lease>, issued: number): boolean {
    verifyDocument(document, identity.platformKeys, now().toISOString());
    const next = checkShape(LeaseSchema, document.body, 'lease');
    requireOwn(next.agent);
    clockSkewSeconds = (issued - Date.parse(next.issuedAt)) / 1000;
    const changed =
      JSON.stringify([lease?.live, lease?.revoked]) !== JSON.stringify([next.live, next.revoked]);
    lease = next;
    return changed;
  }

  function isInForce(one: Lease | undefined): boolean {
    return one !== undefined && Date.parse(one.expiresAt) > now().getTime();
  }

  async function refreshNow(signal: AbortSignal, held?: Held): Promise<void> {
    if (fence === undefined) await claim(signal);
    const away = problem !== undefined || !isInForce(lease);
    // one fetched meanwhile by hand is newer, perhaps
    const leaseChanged =
      held && held.asked === lease ? takeLease(held.document, held.answered) : await refreshLease(signal);
    const state = lease?.state;
    const ordersChanged = (state === undefined || state !== ordered) && (await refreshAssignments(signal));
    ordered = state;
    if (problem) hold.reset();
    lastContactAt = now().toISOString();
    problem = undefined;
    problemSince = undefined;
    if (away || leaseChanged || ordersChanged) options.onChange();
  }

  /** One after the other: a renewal and a sync by hand would meet in one file. */
  function refresh(signal: AbortSignal, held?: Held): Promise<void> {
    const turn = refreshing.then(() => refreshNow(AbortSignal.any([signal, closing.signal]), held));
    refreshing = turn.catch(() => undefined);
    return turn;
  }

  /** The next renewal is held back by the platform until it has news; where it cannot, it is asked for when a third of the lease is used up. */
  function schedule(): void {
    if (closing.signal.aborted) return;
    const life = lease ? Date.parse(lease.expiresAt) - Date.parse(lease.issuedAt) : 15_000;
    const waitMs = lease?.state !== undefined && problem === undefined ? hold.waitMs(life) : 0;
    if (lease && waitMs > 0) void watch(lease, waitMs);
    else timer = setTimeout(renew, Math.max(500, life / 3));
  }

  async function renew(held?: Held): Promise<void> {
    try {
      await refresh(closing.signal, held);
    } catch (error) {
      if (closing.signal.aborted) return;
      keepProblem(error);
    }
    schedule();
  }

  async function watch(asked: Lease, waitMs: number): Promise<void> {
    const began = performance.now();
    const over = AbortSignal.any([closing.signal, AbortSignal.timeout(waitMs + GRACE_MS)]);
    const query = { waitMs, known: asked.state };
    try {
      const document = await client.call(agentRoutes.lease, { query, waitMs }, over);
      const idle = document.body.state === asked.state && performance.now() - began < waitMs / 2;
      if (!idle) return renew({ asked, document, answered: now().getTime() });
      hold.early(waitMs);
    } catch (error) {
      if (closing.signal.aborted) return;
      if (!isQianzhiError(error) || error.code.startsWith('QZ_PLATFORM_')) {
        keepProblem(error);
        return schedule();
      }
      log.debug({ code: error.code, waitMs }, 'a request that the platform held back was cut');
      // by a gateway, or by a platform that fell: which of them says a renewal without waiting
      hold.cut(waitMs);
    }
    timer = setTimeout(renew, pauseAfterCut());
  }

  function keepProblem(error: unknown): void {
    if (!isQianzhiError(error)) throw error;
    if (error.code === 'QZ_PLATFORM_INSTANCE_FENCED') {
      const { fence: own, current } = error.details;
      // a platform that never gave this fence was restored: nobody took over, it is claimed again
      if (Number(own) > Number(current)) fence = undefined;
      else options.onFenced(error);
    }
    if (error.code === 'QZ_CLIENT_CLOCK_SKEW') {
      const { agentTime, platformTime } = error.details;
      clockSkewSeconds = (Date.parse(String(agentTime)) - Date.parse(String(platformTime))) / 1000;
    }
    if (problem?.code !== error.code) log.warn({ code: error.code, ...error.details }, error.message);
    problem = error;
    problemSince ??= now().toISOString();
  }

  /** For everybody else: until the instance is claimed the platform would refuse for good what only has to wait. */
  const claimed: PlatformClient = {
    ...client,
    async upgrade(route, query) {
      if (fence === undefined) throw agentErrors.NOT_CLAIMED({ url: options.url }, problem);
      return client.upgrade(route, query);
    },
    async call(route, input, signal) {
      if (fence === undefined) throw agentErrors.NOT_CLAIMED({ url: options.url }, problem);
      return client.call(route, input, signal);
    },
  };

  const lined = withLine({ agent: identity.agent, client: claimed, platformKeys, now, log });
  return {
    client: lined,
    assignments: () => assignments,
    lease: () => lease,
    platformKeys,
    status: () => ({
      url: options.url,
      online: problem === undefined && lastContactAt !== undefined,
      lastContactAt,
      problemSince,
      problem: problem && toProblem(problem),
      assignmentsVersion: assignments?.version,
      leaseExpiresAt: lease?.expiresAt,
      clockSkewSeconds,
    }),
    async open(signal) {
      assignments = await readAssignments(options.stateDir, identity.platformKeys);
      try {
        await refresh(signal);
      } catch (error) {
        // A platform out of reach does not keep the agent from starting; what is wrong with its identity does.
        if (!isQianzhiError(error) || error.retry === 'never') throw error;
        keepProblem(error);
      }
      schedule();
    },
    refresh: (signal) => refresh(signal),
    async close() {
      closing.abort();
      clearTimeout(timer);
      await refreshing;
      await lined.close();
    },
  };
}

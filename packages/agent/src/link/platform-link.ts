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

export function createPlatformLink(options: LinkOptions): PlatformLink {
  const { identity, log, now } = options;
  let fence: number | undefined;
  let assignments: Assignments | undefined;
  let lease: Lease | undefined;
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
    const document: Signed<Lease> = await client.call(agentRoutes.lease, {}, signal);
    const answered = now().getTime();
    verifyDocument(document, identity.platformKeys, now().toISOString());
    const next = checkShape(LeaseSchema, document.body, 'lease');
    requireOwn(next.agent);
    clockSkewSeconds = ((asked + answered) / 2 - Date.parse(next.issuedAt)) / 1000;
    const changed =
      JSON.stringify([lease?.live, lease?.revoked]) !== JSON.stringify([next.live, next.revoked]);
    lease = next;
    return changed;
  }

  function isInForce(one: Lease | undefined): boolean {
    return one !== undefined && Date.parse(one.expiresAt) > now().getTime();
  }

  async function refreshNow(signal: AbortSignal): Promise<void> {
    if (fence === undefined) await claim(signal);
    const away = problem !== undefined || !isInForce(lease);
    const leaseChanged = await refreshLease(signal);
    const ordersChanged = await refreshAssignments(signal);
    lastContactAt = now().toISOString();
    problem = undefined;
    problemSince = undefined;
    if (away || leaseChanged || ordersChanged) options.onChange();
  }

  /** One after the other: a renewal and a sync by hand would meet in one file. */
  function refresh(signal: AbortSignal): Promise<void> {
    const turn = refreshing.then(() => refreshNow(AbortSignal.any([signal, closing.signal])));
    refreshing = turn.catch(() => undefined);
    return turn;
  }

  /** Renews when a third of the lease is used up; a failure is kept for `status` and tried again. */
  function schedule(): void {
    if (closing.signal.aborted) return;
    const life = lease ? Date.parse(lease.expiresAt) - Date.parse(lease.issuedAt) : 15_000;
    timer = setTimeout(renew, Math.max(500, life / 3));
  }

  async function renew(): Promise<void> {
    try {
      await refresh(closing.signal);
    } catch (error) {
      if (closing.signal.aborted) return;
      keepProblem(error);
    }
    schedule();
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
    async upgrade(route) {
      if (fence === undefined) throw agentErrors.NOT_CLAIMED({ url: options.url }, problem);
      return client.upgrade(route);
    },
    async call(route, input, signal) {
      if (fence === undefined) throw agentErrors.NOT_CLAIMED({ url: options.url }, problem);
      return client.call(route, input, signal);
    },
  };

  return {
    client: claimed,
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
    refresh,
    async close() {
      closing.abort();
      clearTimeout(timer);
      await refreshing;
      await client.close();
    },
  };
}

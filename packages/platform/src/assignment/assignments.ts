import {
  type Assignments,
  asExchanged,
  type CatalogResource,
  type Grant,
  holdsFiles,
  type Lease,
  type Signed,
} from '@qianzhi/model';
import { canonicalBytes, signDocument } from '@qianzhi/model/crypto';
import { projectedResource } from '@qianzhi/rows';
import type { Grants } from '../agreement/grants.js';
import type { Wakes } from '../exchange/wakes.js';
import type { CatalogService, DutyService, StreamService } from '../ports.js';
import type { AgentCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';

export interface AssignmentService {
  /** The signed document; the same one, with the same version, until its content changes or `issueAnew`. */
  assignments(caller: AgentCaller): Promise<Signed<Assignments>>;
  /**
   * Every document gets a new version when it is next asked for. Called when the platform starts: its database may be a
   * backup, older than what the agents hold, and an agent takes no version below the one it has.
   */
  issueAnew(): Promise<void>;
  /** Which grants of the agent's department are in force for the next seconds, the config's unless told, and which no longer are. */
  lease(caller: AgentCaller, seconds?: number): Promise<Signed<Lease>>;
  /**
   * The lease with `state`: as soon as that is another than `known`, else after `waitMs`, or with the signal. Costs nothing while it
   * is held; throws what `stillLive` throws, which is asked each time something may have changed.
   */
  heldLease(caller: AgentCaller, wanted: HeldLease, signal: AbortSignal): Promise<Signed<Lease>>;
}

export interface HeldLease {
  readonly waitMs: number;
  readonly known: string | undefined;
  readonly stillLive: () => Promise<void>;
}

export interface AssignmentPorts {
  readonly catalog: CatalogService;
  readonly duties: DutyService;
  readonly grants: Grants;
  readonly streams: StreamService;
  /** By department. */
  readonly orders: Wakes;
}

type Content = Omit<Assignments, 'version' | 'issuedAt'>;

interface AssignmentRow {
  readonly version: number;
  readonly content_digest: string;
  readonly document: string;
}

export function createAssignments(
  { db, now, keys, signingKey }: PlatformContext,
  { catalog, duties, grants, streams, orders }: AssignmentPorts,
  leaseSeconds: number,
): AssignmentService {
  async function supplyOf(agent: string): Promise<Content['supply']> {
    const supply: Content['supply'] = [];
    for (const duty of await duties.dutiesOf(agent)) {
      const resource = await catalog.current(duty.body.resource);
      if (!resource) continue;
      const wholeFiles = holdsFiles(resource) && { wholeFiles: true as const };
      supply.push({ duty, resource: asExchanged(resource), ...wholeFiles });
    }
    return supply;
  }

  async function consumeOf(department: string): Promise<Content['consume']> {
    const consume: Content['consume'] = [];
    for (const grant of await grants.grantsOf(department)) {
      const { resource, items, masks } = grant.body;
      const states = await streams.streamsOf(grant.body);
      consume.push({
        grant,
        resources: (await catalog.versions(resource))
          .map((version) => projectedResource(asExchanged(version), items, masks))
          .filter((version): version is CatalogResource => version.items.length > 0),
        streams: states.map((state) => state.stream),
      });
    }
    return consume;
  }

  async function assignments({ agent, department }: AgentCaller): Promise<Signed<Assignments>> {
    const content: Content = {
      type: 'assignments',
      agent,
      department,
      supply: await supplyOf(agent),
      consume: await consumeOf(department),
      keys: [...(await keys.all())],
    };
    const digest = signingKey.suite.digest(canonicalBytes(content));
    const stored: AssignmentRow | undefined = await db('assignments').where({ agent }).first();
    if (stored?.content_digest === digest) return JSON.parse(stored.document) as Signed<Assignments>;
    // Seconds since 1970 keep versions rising even when the platform was restored from an older backup.
    const version = Math.max((stored?.version ?? 0) + 1, Math.floor(now().getTime() / 1000));
    const document = signDocument({ ...content, version, issuedAt: now().toISOString() }, signingKey);
    const row = { agent, version, content_digest: digest, document: JSON.stringify(document) };
    await db('assignments').insert(row).onConflict('agent').merge();
    return document;
  }

  async function leaseOf(
    { agent, department }: AgentCaller,
    live: readonly Signed<Grant>[],
    seconds: number,
  ): Promise<Lease> {
    const at = now();
    return {
      type: 'lease',
      agent,
      live: live.map(({ body: { agreement, grantVersion } }) => ({ agreement, grantVersion })),
      revoked: [...(await grants.endedOf(department))],
      issuedAt: at.toISOString(),
      expiresAt: new Date(at.getTime() + seconds * 1000).toISOString(),
    };
  }

  /** Nobody tells of a grant that ends by time. */
  function untilNextEnd(live: readonly Signed<Grant>[]): number {
    return Math.min(...live.map(({ body }) => Date.parse(body.validTo))) - now().getTime();
  }

  return {
    assignments,

    issueAnew: () => db('assignments').update({ content_digest: '' }),

    async lease(caller, seconds = leaseSeconds) {
      const live = await grants.grantsOf(caller.department);
      return signDocument(await leaseOf(caller, live, seconds), signingKey);
    },

    async heldLease(caller, { waitMs, known, stillLive }, signal) {
      // not by the time of day, which may be set back meanwhile
      const deadline = performance.now() + waitMs;
      for (;;) {
        const ticket = orders.ticket(caller.department);
        await stillLive();
        const { version, issuedAt } = (await assignments(caller)).body;
        const live = await grants.grantsOf(caller.department);
        const body = await leaseOf(caller, live, leaseSeconds);
        const told = canonicalBytes([version, issuedAt, body.live, body.revoked]);
        const state = signingKey.suite.digest(told);
        const left = deadline - performance.now();
        if (state !== known || left <= 0 || signal.aborted) {
          return signDocument({ ...body, state }, signingKey);
        }
        await orders.changed(caller.department, ticket, Math.min(left, untilNextEnd(live)), signal);
      }
    },
  };
}

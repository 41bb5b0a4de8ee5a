import { clientErrors, verifyRequest } from '@qianzhi/client';
import { API_ROOT, agentRoutes, FENCE_HEADER, type KeyRecord, type Route } from '@qianzhi/model';
import type { FastifyRequest } from 'fastify';
import type { Knex } from 'knex';
import { platformErrors } from '../errors.js';
import type { AgentCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { type AgentRow, findAgent, setLastSeen } from './agent-store.js';
import { createNonces } from './nonces.js';

const LAST_SEEN_EVERY_MS = 10_000;

/**
 * What changes nothing when it comes twice: its nonce is stored with what it writes, and before it is answered. Anything else begins when
 * its nonce is stored.
 */
const repeatable: ReadonlySet<Route> = new Set<Route>([
  agentRoutes.sendBatch,
  agentRoutes.pollDeliveries,
  agentRoutes.acknowledge,
]);

/** What is held until there is something to answer: one that has come before is refused without that. */
const waits: ReadonlySet<Route> = new Set<Route>([agentRoutes.pollDeliveries]);

export interface AgentAuthentication {
  /**
   * Signature by a registered key, audience and clock (QZ_CLIENT_*), then agent and key in force, nonce not seen before,
   * fence of the live instance (QZ_PLATFORM_AGENT_REVOKED, _REQUEST_REPLAYED, _INSTANCE_UNCLAIMED, _INSTANCE_FENCED).
   */
  authenticate(request: FastifyRequest, route: Route): Promise<AgentCaller>;
  /** Whom a signed request has made known is in force still, by key and instance. Throws as `authenticate` does. */
  again(caller: AgentCaller, fence: number): Promise<void>;
  prune(): Promise<void>;
}

export function createAgentAuthentication({ db, now, keys, audience }: PlatformContext): AgentAuthentication {
  const nonces = createNonces(db);
  const lastSeen = new Map<string, number>();

  async function agentKey(keyId: string): Promise<KeyRecord | undefined> {
    const key = await keys.find(keyId);
    return key?.owner === 'platform' ? undefined : key;
  }

  async function touch(agent: string): Promise<void> {
    const at = now().getTime();
    if (at - (lastSeen.get(agent) ?? 0) < LAST_SEEN_EVERY_MS) return;
    lastSeen.set(agent, at);
    await setLastSeen(db, agent, new Date(at).toISOString());
  }

  function checkInForce({ keyId, validTo }: KeyRecord): void {
    if (validTo !== undefined && validTo <= now().toISOString())
      throw clientErrors.KEY_UNREGISTERED({ keyId });
  }

  return {
    async authenticate(request, route) {
      const verified = await verifyRequest(
        {
          method: request.method,
          target: (request.raw.url ?? '').slice(API_ROOT.length),
          headers: request.headers,
          body: request.wireBody,
        },
        audience,
        agentKey,
        now(),
      );
      const { key } = verified;
      request.wireDigest = verified.bodyDigest;
      const row = await findAgent(db, key.owner);
      if (!row) throw clientErrors.KEY_UNREGISTERED({ keyId: key.keyId });
      const { agent, department } = row;
      const caller: AgentCaller = { kind: 'agent', agent, department, key };
      request.caller = caller;
      if (row.state !== 'enrolled') throw platformErrors.AGENT_REVOKED({ agent, department });
      checkInForce(key);
      // Only after its signature was found right, so that nobody else can use the nonce up.
      const nonce = { keyId: key.keyId, nonce: verified.nonce, expiresAt: verified.expiresAt };
      const replayed = () => platformErrors.REQUEST_REPLAYED({ agent });
      if (waits.has(route) && (await nonces.isStored(nonce))) throw replayed();
      const taken = nonces.take(nonce);
      if (!taken) throw replayed();
      request.nonceStored = async () => {
        if (!(await taken.stored())) throw replayed();
      };
      if (!repeatable.has(route)) await request.nonceStored();
      if (route !== agentRoutes.claimInstance) checkFence(row, request.headers[FENCE_HEADER]);
      await touch(agent);
      return caller;
    },

    async again(caller, fence) {
      const { keyId } = caller.key;
      const key = await agentKey(keyId);
      if (!key) throw clientErrors.KEY_UNREGISTERED({ keyId });
      checkInForce(key);
      await requireLive(db, caller, String(fence));
      await touch(caller.agent);
    },

    // Beyond the clock tolerance no signature of the time is taken any more.
    prune: () => nonces.prune(new Date(now().getTime() - 120_000)),
  };
}

/** Throws QZ_PLATFORM_AGENT_REVOKED, _INSTANCE_UNCLAIMED or _INSTANCE_FENCED: a request that was held is judged again. */
export async function requireLive(
  db: Knex,
  { agent, department }: AgentCaller,
  fence: string | string[] | undefined,
): Promise<void> {
  const row = await findAgent(db, agent);
  if (row?.state !== 'enrolled') throw platformErrors.AGENT_REVOKED({ agent, department });
  checkFence(row, fence);
}

function checkFence({ agent, fence: current }: AgentRow, header: string | string[] | undefined): void {
  if (header === undefined) throw platformErrors.INSTANCE_UNCLAIMED({ agent });
  const fence = Number(header);
  // A higher one than ours was given before the platform was restored: the agent claims again.
  if (fence !== current) throw platformErrors.INSTANCE_FENCED({ agent, fence, current });
}

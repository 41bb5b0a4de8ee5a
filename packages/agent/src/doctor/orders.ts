import { createClient } from '@qianzhi/client';
import { type Assignments, agentRoutes, fromProblem, isQianzhiError, isSupply } from '@qianzhi/model';
import type { LoadedConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import { type Identity, signingKeyOf } from '../identity/identity-file.js';
import { readAssignments } from '../link/assignments-file.js';
import type { AgentStatus } from '../status.js';
import { type DoctorFinding, failed, finding, ok, warning } from './finding.js';

const DEADLINE_MS = 5_000;

/**
 * Whether the platform believes this agent's signature. A running agent shows it by its link; otherwise one request is
 * signed without claiming to be the live instance, which the platform asks for only after the signature was right.
 */
export async function checkSignature(
  url: string,
  identity: Identity,
  running: AgentStatus | undefined,
  signal: AbortSignal,
): Promise<DoctorFinding> {
  const check = 'signature';
  const accepted = ok(check, '平台接受本机签名的请求', 'the platform accepts requests signed by this agent');
  if (running) {
    if (running.link.problem) throw fromProblem(running.link.problem);
    return accepted;
  }
  const client = createClient({
    url,
    timeoutMs: DEADLINE_MS,
    identity: {
      kind: 'agent',
      key: signingKeyOf(identity),
      audience: identity.audience,
      platformKeys: () => identity.platformKeys,
      fence: () => undefined,
    },
  });
  try {
    await client.call(agentRoutes.assignments, {}, signal);
    return accepted;
  } catch (error) {
    if (isQianzhiError(error, 'QZ_PLATFORM_INSTANCE_UNCLAIMED')) return accepted;
    throw error;
  } finally {
    await client.close();
  }
}

/** What the agent was told to do against what its config wants to do; and the lease, which only a running agent holds. */
export async function* checkOrders(
  loaded: LoadedConfig,
  identity: Identity,
  running: AgentStatus | undefined,
): AsyncGenerator<DoctorFinding, Assignments | undefined> {
  let assignments: Assignments | undefined;
  yield await finding('assignments', async () => {
    assignments = await readAssignments(loaded.stateDir, identity.platformKeys);
    if (!assignments) return warning('assignments', agentErrors.NO_ASSIGNMENTS());
    const { version, supply, consume } = assignments;
    return ok(
      'assignments',
      `任务第 ${version} 版:供给 ${supply.length} 项,获取 ${consume.length} 项`,
      `assignments version ${version}: supplies ${supply.length}, consumes ${consume.length}`,
    );
  });
  if (assignments) yield* compareExchanges(loaded, assignments);
  if (running) yield judgeLease(running.link.leaseExpiresAt, new Date());
  return assignments;
}

function* compareExchanges(
  { config }: LoadedConfig,
  { agent, supply, consume }: Assignments,
): Generator<DoctorFinding> {
  const supplied = new Set(supply.map(({ duty }) => duty.body.resource));
  const granted = new Set(consume.map(({ grant }) => grant.body.resource));
  for (const exchange of config.exchanges) {
    const check = `exchange ${exchange.name}`;
    if (isSupply(exchange)) {
      const resource = exchange.supply;
      yield supplied.has(resource)
        ? ok(check, `供给 ${resource}`, `supplies ${resource}`)
        : warning(check, agentErrors.SUPPLY_UNASSIGNED({ exchange: exchange.name, resource, agent }));
    } else {
      const resource = exchange.consume;
      yield granted.has(resource)
        ? ok(check, `获取 ${resource}`, `consumes ${resource}`)
        : warning(check, agentErrors.CONSUME_UNGRANTED({ exchange: exchange.name, resource }));
    }
  }
}

export function judgeLease(expiresAt: string | undefined, now: Date): DoctorFinding {
  if (expiresAt === undefined || Date.parse(expiresAt) <= now.getTime()) {
    return failed('lease', agentErrors.LEASE_EXPIRED({ expiresAt: expiresAt ?? '—' }));
  }
  return ok('lease', `授权租约有效至 ${expiresAt}`, `the grant lease holds until ${expiresAt}`);
}

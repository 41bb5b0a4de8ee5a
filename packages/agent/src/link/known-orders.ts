import { type Assignments, isQianzhiError } from '@qianzhi/model';
import type { LoadedConfig } from '../config/load.js';
import { connectAgent } from '../control/connect.js';
import { controlRoutes } from '../control/routes.js';
import { agentErrors } from '../errors.js';
import { type Identity, readIdentity } from '../identity/identity-file.js';
import { createLog } from '../log.js';
import { everStarted } from '../state-dir.js';
import { agentVersion } from '../version.js';
import { readAssignments } from './assignments-file.js';
import { createPlatformLink } from './platform-link.js';

/** What the platform ordered and granted this agent, as far as this machine can know. */
export interface KnownOrders {
  readonly identity: Identity;
  readonly assignments: Assignments;
  /** An agent runs on this state folder. */
  readonly running: boolean;
}

/**
 * The newest orders: a running agent is told to fetch them, for one that never ran here they are fetched. One that is stopped does
 * not: to ask the platform it would have to claim to be the live instance, which may run elsewhere by now. Throws
 * QZ_AGENT_NOT_ENROLLED and what keeps an agent that never ran from asking.
 */
export async function knownOrders(loaded: LoadedConfig, signal: AbortSignal): Promise<KnownOrders> {
  const { stateDir } = loaded;
  const identity = await readIdentity(stateDir);
  if (!identity) throw agentErrors.NOT_ENROLLED({ stateDir });
  const running = await syncRunning(stateDir, signal);
  const known = await readAssignments(stateDir, identity.platformKeys);
  if (known && (running || (await everStarted(stateDir)))) return { identity, assignments: known, running };
  if (!running) await fetchFirst(loaded, identity, known !== undefined, signal);
  const assignments = await readAssignments(stateDir, identity.platformKeys);
  if (!assignments) throw agentErrors.NO_ASSIGNMENTS();
  return { identity, assignments, running };
}

/** Whether an agent runs; one that cannot reach the platform goes by what it has. */
async function syncRunning(stateDir: string, signal: AbortSignal): Promise<boolean> {
  const control = connectAgent(stateDir);
  try {
    await control.call(controlRoutes.sync, {}, signal);
    return true;
  } catch (error) {
    if (isQianzhiError(error, 'QZ_AGENT_NOT_RUNNING')) return false;
    if (isQianzhiError(error) && ['unavailable', 'timeout'].includes(error.kind)) return true;
    throw error;
  } finally {
    await control.close();
  }
}

async function fetchFirst(
  { config, stateDir }: LoadedConfig,
  identity: Identity,
  hasSome: boolean,
  signal: AbortSignal,
): Promise<void> {
  const link = createPlatformLink({
    identity,
    url: config.platform.url,
    stateDir,
    version: agentVersion,
    now: () => new Date(),
    log: createLog('error', identity.agent),
    onChange: () => {},
    onFenced: () => {},
  });
  try {
    await link.refresh(signal);
  } catch (error) {
    const away = isQianzhiError(error) && ['unavailable', 'timeout'].includes(error.kind);
    if (!away || !hasSome) throw error; // else those at hand serve
  } finally {
    await link.close();
  }
}

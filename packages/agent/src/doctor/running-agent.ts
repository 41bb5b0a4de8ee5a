import { isQianzhiError } from '@qianzhi/model';
import { connectAgent } from '../control/connect.js';
import { controlRoutes } from '../control/routes.js';
import type { AgentStatus } from '../status.js';

/** The status of the agent that runs on this state folder; undefined when none does. */
export async function findRunningAgent(
  stateDir: string,
  signal: AbortSignal,
): Promise<AgentStatus | undefined> {
  const control = connectAgent(stateDir);
  try {
    return await control.call(controlRoutes.status, {}, signal);
  } catch (error) {
    if (isQianzhiError(error, 'QZ_AGENT_NOT_RUNNING')) return undefined;
    throw error;
  } finally {
    await control.close();
  }
}

import type { CallInput } from '@qianzhi/client';
import { createClient, type PlatformClient } from '@qianzhi/client';
import { isQianzhiError, type Payload, type Route, systemCode } from '@qianzhi/model';
import { agentErrors } from '../errors.js';
import { controlSocket } from './socket.js';

export interface AgentControl {
  /** Throws QZ_AGENT_NOT_RUNNING where nobody listens, _CONTROL_DENIED where it is another user's, else what the agent answers. */
  call<R extends Route>(route: R, input: CallInput<R>, signal?: AbortSignal): Promise<Payload<R['response']>>;
  close(): Promise<void>;
}

/** The running agent of a state folder. */
export function connectAgent(stateDir: string): AgentControl {
  const socketPath = controlSocket(stateDir);
  const client: PlatformClient = createClient({
    url: 'http://agent.invalid',
    socketPath,
    identity: { kind: 'anonymous' },
  });
  return {
    async call(route, input, signal) {
      try {
        return await client.call(route, input, signal);
      } catch (error) {
        if (!isQianzhiError(error, 'QZ_CLIENT_UNREACHABLE')) throw error;
        const denied = systemCode(error.cause) === 'EACCES';
        const why = denied ? agentErrors.CONTROL_DENIED : agentErrors.NOT_RUNNING;
        throw why({ socket: socketPath }, error);
      }
    },
    close: () => client.close(),
  };
}

import { agentRoutes, type TunnelWelcome } from '@qianzhi/model';
import { signDocument } from '@qianzhi/model/crypto';
import { findAgent } from '../identity/agent-store.js';
import type { PlatformContext } from '../server/context.js';
import type { AgentSocket } from '../server/serve.js';
import { openTunnel, type Tunnel } from './tunnel.js';

/** The connections that agents hold open, one for each agent: that of its live instance. */
export interface Tunnels {
  accept(agent: AgentSocket): void;
  /** Of agents of the department that say they answer the service, the least busy first. */
  offering(department: string, resource: string, service: string): readonly Tunnel[];
  close(): void;
}

/** How often it is looked whether an agent is still enrolled, and its instance still the live one. */
const CHECK_MS = 5_000;

export const tunnelRoute = agentRoutes.openTunnel;

export function createTunnels({ db, now, log, signingKey, stopping }: PlatformContext): Tunnels {
  const open = new Map<string, Tunnel>();
  const checking = setInterval(() => void check(), CHECK_MS);
  checking.unref();

  async function check(): Promise<void> {
    for (const [agent, tunnel] of [...open]) {
      try {
        const row = await findAgent(db, agent);
        if (row?.state !== 'enrolled') tunnel.close('revoked');
        else if (row.fence !== tunnel.fence) tunnel.close('fenced');
      } catch (error) {
        // looked at again in a moment
        log.warn({ err: error, agent }, 'whether an agent may stay connected could not be looked up');
      }
    }
  }

  function close(): void {
    clearInterval(checking);
    for (const tunnel of open.values()) tunnel.close('stopping');
  }
  stopping.addEventListener('abort', close, { once: true });

  return {
    accept(socket) {
      const { agent } = socket.caller;
      const tunnel = openTunnel(socket, () => {
        if (open.get(agent) === tunnel) open.delete(agent);
        log.info({ agent }, 'tunnel closed');
      });
      if (stopping.aborted) return tunnel.close('stopping');
      open.get(agent)?.close('replaced');
      open.set(agent, tunnel);
      const issuedAt = now().toISOString();
      const body: TunnelWelcome = { type: 'tunnel-welcome', agent, tunnel: socket.nonce, issuedAt };
      tunnel.send({ kind: 'welcome', welcome: signDocument(body, signingKey) });
      log.info({ agent }, 'tunnel open');
    },
    offering: (department, resource, service) =>
      [...open.values()]
        .filter((tunnel) => tunnel.caller.department === department && tunnel.offers(resource, service))
        .sort((a, b) => a.underWay - b.underWay),
    close,
  };
}

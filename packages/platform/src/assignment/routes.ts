import { agentRoutes, FENCE_HEADER } from '@qianzhi/model';
import { requireLive } from '../identity/agent-authentication.js';
import type { PlatformContext } from '../server/context.js';
import type { Api } from '../server/serve.js';
import type { AssignmentService } from './assignments.js';

export function bindAssignments(api: Api, { db }: PlatformContext, service: AssignmentService): void {
  api.serveAgent(agentRoutes.assignments, ({ caller }) => service.assignments(caller));
  api.serveAgent(agentRoutes.lease, async ({ caller, query: { waitMs, known }, headers, signal }) => {
    // an agent that does not ask to wait knows no lease with a state
    if (waitMs === undefined) return service.lease(caller);
    const stillLive = () => requireLive(db, caller, headers[FENCE_HEADER]);
    return service.heldLease(caller, { waitMs, known, stillLive }, signal);
  });
}

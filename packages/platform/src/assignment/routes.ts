import { agentRoutes } from '@qianzhi/model';
import type { Api } from '../server/serve.js';
import type { AssignmentService } from './assignments.js';

export function bindAssignments(api: Api, service: AssignmentService): void {
  api.serveAgent(agentRoutes.assignments, ({ caller }) => service.assignments(caller));
  api.serveAgent(agentRoutes.lease, ({ caller }) => service.lease(caller));
}

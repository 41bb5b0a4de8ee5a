import { agentRoutes, personRoutes } from '@qianzhi/model';
import type { AgentCaller, PersonCaller } from '../server/caller.js';
import type { Api, ApiRequest } from '../server/serve.js';
import type { Queries } from './queries.js';
import { type Tunnels, tunnelRoute } from './tunnels.js';

export function bindQueries(api: Api, queries: Queries, tunnels: Tunnels): void {
  type Input = Pick<
    ApiRequest<typeof personRoutes.query, PersonCaller | AgentCaller>,
    'caller' | 'param' | 'body' | 'address' | 'signal'
  >;
  const ask = ({ caller, param, body, address, signal }: Input) =>
    queries.ask(caller, { resource: param('resource'), service: param('service') }, body, address, signal);
  api.servePerson(personRoutes.query, ask);
  api.serveAgent(agentRoutes.agentQuery, ask);
  api.serveSocket(tunnelRoute, tunnels.accept);
}

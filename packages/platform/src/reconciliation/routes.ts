import { agentRoutes, personRoutes } from '@qianzhi/model';
import { sightOf } from '../exchange/sight.js';
import type { Api } from '../server/serve.js';
import type { Reconciliations } from './reconciliations.js';

export function bindReconciliations(api: Api, service: Reconciliations): void {
  api.serveAgent(agentRoutes.openReconciliation, async ({ caller, body }) => ({
    sessions: await service.open(caller, body),
  }));
  api.serveAgent(agentRoutes.pollReconciliations, async ({ caller, body, signal }) => ({
    sessions: await service.poll(caller, body.known, body.waitMs, signal),
  }));
  api.serveAgent(agentRoutes.putReconcileMessage, async ({ caller, param, body }) => ({
    waiting: await service.put(caller, param('session'), Number(param('seq')), body.payload),
  }));
  api.serveAgent(agentRoutes.nextReconcileMessage, ({ caller, param, body, signal }) =>
    service.take(caller, param('session'), Number(param('seq')), body.waitMs, signal),
  );
  api.serveAgent(agentRoutes.failReconciliation, ({ caller, param, body }) =>
    service.fail(caller, param('session'), body.code),
  );
  api.serveAgent(agentRoutes.reportReconciliation, ({ caller, param, body }) =>
    service.report(caller, param('session'), body),
  );
  api.servePerson(personRoutes.reconcileReports, async ({ caller, query }) => ({
    reports: await service.reports(sightOf(caller), query.resource, query.limit),
  }));
}

import { agentRoutes, personRoutes } from '@qianzhi/model';
import { sightOf } from '../exchange/sight.js';
import type { AgentCaller } from '../server/caller.js';
import type { Api } from '../server/serve.js';
import type { DownloadFeature } from './open-downloads.js';

export function bindDownloads(api: Api, { downloads, handOut, trace }: DownloadFeature): void {
  api.servePerson(personRoutes.listOffers, async ({ caller }) => ({
    offers: await downloads.offers(caller),
  }));
  api.servePerson(personRoutes.requestDownload, ({ caller, body, address }) =>
    downloads.request(caller, body, address),
  );
  api.servePerson(personRoutes.listDownloads, async ({ caller, query }) => ({
    downloads: await downloads.list(sightOf(caller), query.resource, query.limit),
  }));
  api.servePerson(personRoutes.showDownload, ({ caller, param, query, signal }) =>
    downloads.show(sightOf(caller), param('id'), query.waitMs, signal),
  );
  api.servePerson(personRoutes.cancelDownload, ({ caller, param }) => downloads.cancel(caller, param('id')));
  api.servePerson(personRoutes.linkDownload, ({ caller, param }) => downloads.link(caller, param('id')));
  api.servePerson(personRoutes.trace, ({ caller, body, signal }) => trace(caller, body, signal));
  api.servePublic(personRoutes.downloadFile, ({ param, headers: { range }, address }) =>
    handOut.open(param('token'), typeof range === 'string' ? range : undefined, address),
  );

  const own = ({ department }: AgentCaller) => ({ all: false, department });
  api.serveAgent(agentRoutes.requestAgentDownload, ({ caller, body, address }) =>
    downloads.request(caller, body, address),
  );
  api.serveAgent(agentRoutes.showAgentDownload, ({ caller, param, query, signal }) =>
    downloads.show(own(caller), param('id'), query.waitMs, signal),
  );
  api.serveAgent(agentRoutes.cancelAgentDownload, ({ caller, param }) =>
    downloads.cancel(caller, param('id')),
  );
  api.serveAgent(agentRoutes.linkAgentDownload, ({ caller, param }) => downloads.link(caller, param('id')));
}

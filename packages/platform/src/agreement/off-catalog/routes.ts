import { personRoutes } from '@qianzhi/model';
import type { Api } from '../../server/serve.js';
import type { OffCatalogRequests } from './requests.js';

export function bindOffCatalog(api: Api, requests: OffCatalogRequests): void {
  api.servePerson(personRoutes.makeRequest, ({ caller, body }) => requests.make(caller, body));
  api.servePerson(personRoutes.listRequests, ({ caller, query }) => requests.list(caller, query));
  api.servePerson(personRoutes.showRequest, ({ caller, param }) => requests.show(caller, param('id')));
  api.servePerson(personRoutes.forwardRequest, ({ caller, param, body }) =>
    requests.forward(caller, param('id'), body),
  );
  api.servePerson(personRoutes.acceptRequest, ({ caller, param, body }) =>
    requests.accept(caller, param('id'), body),
  );
  api.servePerson(personRoutes.refuseRequest, ({ caller, param, body }) =>
    requests.refuse(caller, param('id'), body),
  );
  api.servePerson(personRoutes.returnRequest, ({ caller, param, body }) =>
    requests.returnFor(caller, param('id'), body),
  );
  api.servePerson(personRoutes.reassignRequest, ({ caller, param, body }) =>
    requests.reassign(caller, param('id'), body),
  );
  api.servePerson(personRoutes.completeRequest, ({ caller, param, body }) =>
    requests.complete(caller, param('id'), body),
  );
  api.servePerson(personRoutes.withdrawRequest, ({ caller, param, body }) =>
    requests.withdraw(caller, param('id'), body),
  );
  api.servePerson(personRoutes.negotiateRequest, ({ caller, param, body }) =>
    requests.negotiate(caller, param('id'), body),
  );
  api.servePerson(personRoutes.reviewRequest, ({ caller, param, body }) =>
    requests.openReview(caller, param('id'), body),
  );
  api.servePerson(personRoutes.ruleRequest, ({ caller, param, body }) =>
    requests.rule(caller, param('id'), body),
  );
  api.servePerson(personRoutes.linkRequest, ({ caller, param, body }) =>
    requests.link(caller, param('id'), body),
  );
}

import { personRoutes } from '@qianzhi/model';
import type { Api } from '../server/serve.js';
import type { Agreements } from './agreements.js';

export function bindAgreements(api: Api, agreements: Agreements): void {
  api.servePerson(personRoutes.apply, ({ caller, body }) => agreements.apply(caller, body));
  api.servePerson(personRoutes.listAgreements, async ({ caller, query }) => ({
    agreements: await agreements.list(caller, query),
  }));
  api.servePerson(personRoutes.showAgreement, ({ caller, param }) => agreements.show(caller, param('id')));
  api.servePerson(personRoutes.approve, ({ caller, param, body }) =>
    agreements.approve(caller, param('id'), body),
  );
  api.servePerson(personRoutes.refuse, ({ caller, param, body }) =>
    agreements.refuse(caller, param('id'), body.reason),
  );
  api.servePerson(personRoutes.revoke, ({ caller, param, body }) =>
    agreements.revoke(caller, param('id'), body.reason),
  );
}

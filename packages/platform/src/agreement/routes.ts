import { personRoutes } from '@qianzhi/model';
import type { Api } from '../server/serve.js';
import type { Agreements } from './agreements.js';

export function bindAgreements(api: Api, agreements: Agreements): void {
  const { proceedings } = agreements;
  api.servePerson(personRoutes.apply, ({ caller, body }) => agreements.apply(caller, body));
  api.servePerson(personRoutes.listAgreements, ({ caller, query }) => agreements.list(caller, query));
  api.servePerson(personRoutes.showAgreement, ({ caller, param }) => agreements.show(caller, param('id')));
  api.servePerson(personRoutes.approve, ({ caller, param, body }) =>
    agreements.approve(caller, param('id'), body),
  );
  api.servePerson(personRoutes.refuse, ({ caller, param, body }) =>
    agreements.refuse(caller, param('id'), body),
  );
  api.servePerson(personRoutes.rule, ({ caller, param, body }) => agreements.rule(caller, param('id'), body));
  for (const act of ['revoke', 'suspend', 'resume'] as const)
    api.servePerson(personRoutes[act], ({ caller, param, body }) =>
      agreements[act](caller, param('id'), body.reason),
    );
  api.servePerson(personRoutes.showMatter, ({ caller, param }) => proceedings.show(caller, param('id')));
  api.servePerson(personRoutes.forwardApplication, ({ caller, param, body }) =>
    proceedings.forward(caller, param('id'), body),
  );
  api.servePerson(personRoutes.returnApplication, ({ caller, param, body }) =>
    proceedings.returnFor(caller, param('id'), body),
  );
  api.servePerson(personRoutes.completeApplication, ({ caller, param, body }) =>
    proceedings.complete(caller, param('id'), body),
  );
  api.servePerson(personRoutes.withdrawApplication, ({ caller, param, body }) =>
    proceedings.withdraw(caller, param('id'), body),
  );
  api.servePerson(personRoutes.signConfidentiality, ({ caller, param, body }) =>
    proceedings.sign(caller, param('id'), body),
  );
  api.servePerson(personRoutes.negotiate, ({ caller, param, body }) =>
    proceedings.negotiate(caller, param('id'), body),
  );
  api.servePerson(personRoutes.openReview, ({ caller, param, body }) =>
    proceedings.openReview(caller, param('id'), body),
  );
  api.servePerson(personRoutes.fileAgreement, ({ caller, param, body }) =>
    proceedings.file(caller, param('id'), body),
  );
  api.servePerson(personRoutes.listRulings, async ({ query }) => ({
    rulings: await proceedings.rulings(query.limit),
  }));
}

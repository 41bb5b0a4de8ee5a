import { personRoutes } from '@qianzhi/model';
import type { Api } from '../../server/serve.js';
import type { Forms } from './forms.js';

export function bindForms(api: Api, forms: Forms): void {
  api.servePerson(personRoutes.agreementForm, ({ caller, param, query }) =>
    forms.ofAgreement(caller, param('id'), query),
  );
  api.servePerson(personRoutes.requestForm, ({ caller, param, query }) =>
    forms.ofRequest(caller, param('id'), query.format),
  );
}

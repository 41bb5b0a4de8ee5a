import { personRoutes } from '@qianzhi/model';
import type { Api } from '../server/serve.js';
import type { Policies } from './policies.js';

export function bindPolicies(api: Api, policies: Policies): void {
  api.servePerson(personRoutes.policyInForce, () => policies.inForce());
  api.servePerson(personRoutes.usePolicy, ({ caller, body }) =>
    policies.use(caller, body.profile, body.reason),
  );
}

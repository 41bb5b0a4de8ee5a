import { personRoutes } from '@qianzhi/model';
import type { Api } from '../server/serve.js';
import { packageErrors } from './errors.js';
import type { PackageService } from './packages.js';

export function bindPackages(api: Api, service: PackageService | undefined): void {
  const required = () => {
    if (service) return service;
    throw packageErrors.NO_PACKAGES({});
  };
  api.servePerson(personRoutes.listPackages, async ({ caller }) => {
    const packages = required();
    return { in: packages.in, out: packages.out, agents: await packages.status(caller) };
  });
  api.servePerson(personRoutes.runPackages, ({ caller, body }) => required().run(caller, body));
}

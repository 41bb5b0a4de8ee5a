import { personRoutes } from '@qianzhi/model';
import type { Api } from '../server/serve.js';
import type { Catalog } from './catalog.js';
import type { Duplicates } from './duplicates/duplicates.js';
import type { Imports } from './imports.js';
import type { RegisterProject } from './projects.js';

export function bindDuplicates(api: Api, duplicates: Duplicates): void {
  api.servePerson(personRoutes.listDuplicates, async ({ query }) => ({
    duplicates: await duplicates.list(query),
  }));
  api.servePerson(personRoutes.decideSource, ({ caller, body }) => duplicates.decide(caller, body));
}

export function bindCatalog(
  api: Api,
  catalog: Catalog,
  imports: Imports,
  registerProject: RegisterProject,
): void {
  api.servePerson(personRoutes.listCatalog, ({ query }) => catalog.list(query));
  api.servePerson(personRoutes.showCatalog, ({ param, query }) => catalog.show(param('code'), query.version));
  api.servePerson(personRoutes.publishCatalog, ({ caller, param, body }) =>
    catalog.publish(caller, param('code'), body),
  );
  api.servePerson(personRoutes.importCatalog, ({ caller, body }) => imports.run(caller, body.resources));
  api.servePerson(personRoutes.checkImport, ({ caller, body }) => imports.check(caller, body.resources));
  api.servePerson(personRoutes.registerProject, ({ caller, param, body }) =>
    registerProject(caller, param('code'), body),
  );
  api.servePerson(personRoutes.reviewSecrecy, ({ caller, param, body }) =>
    catalog.reviewSecrecy(caller, param('code'), body),
  );
  api.servePerson(personRoutes.assignSupply, ({ caller, param, body }) =>
    catalog.assignSupply(caller, param('code'), body.agent),
  );
}

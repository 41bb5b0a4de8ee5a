import { agreementRoutes } from './agreement-routes.js';
import { auditRoutes } from './audit-routes.js';
import { catalogLifecycleRoutes } from './catalog-lifecycle-routes.js';
import { catalogRoutes } from './catalog-routes.js';
import { departmentRoutes } from './department-routes.js';
import { downloadRoutes } from './download-routes.js';
import { dutyRoutes } from './duty-routes.js';
import { evidenceRoutes } from './evidence-routes.js';
import { formRoutes } from './form-routes.js';
import { identityRoutes } from './identity-routes.js';
import { listRoutes } from './list-routes.js';
import { matterRoutes } from './matter-routes.js';
import { offCatalogRoutes } from './off-catalog-routes.js';
import { packageRoutes } from './package-routes.js';
import { policyRoutes } from './policy-routes.js';
import { queryPersonRoutes } from './query-routes.js';
import { reconcilePersonRoutes } from './reconcile-routes.js';
import { scenarioRoutes } from './scenario-routes.js';
import { usageRoutes } from './usage-routes.js';
import { waiverRoutes } from './waiver-routes.js';

/** Every route a person or nobody in particular calls. */
export const personRoutes = {
  ...identityRoutes,
  ...departmentRoutes,
  ...catalogRoutes,
  ...listRoutes,
  ...catalogLifecycleRoutes,
  ...waiverRoutes,
  ...agreementRoutes,
  ...matterRoutes,
  ...offCatalogRoutes,
  ...formRoutes,
  ...scenarioRoutes,
  ...dutyRoutes,
  ...policyRoutes,
  ...evidenceRoutes,
  ...reconcilePersonRoutes,
  ...usageRoutes,
  ...downloadRoutes,
  ...queryPersonRoutes,
  ...packageRoutes,
  ...auditRoutes,
} as const;

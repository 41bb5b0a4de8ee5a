import type { CatalogResource, Signed, SupplyDuty } from '@qianzhi/model';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';

export interface LiveDuty {
  readonly duty: Signed<SupplyDuty>;
  /** At the schema version to supply. */
  readonly resource: CatalogResource;
}

/**
 * The supply duty in force for a resource. Without one nothing is read and nothing sent (design: promise 7). Throws
 * QZ_ENGINE_NO_DUTY, or QZ_ENGINE_ASSIGNMENTS_MISSING before the first assignments.
 */
export function requireDuty(core: Core, resource: string, exchange: string): LiveDuty {
  const assignments = core.options.assignments();
  if (!assignments) throw engineErrors.ASSIGNMENTS_MISSING({ what: { zh: '任务', en: 'assignments' } });
  const now = core.now();
  const { agent } = core.options.identity;
  const found = assignments.supply.find(
    ({ duty: { body } }) =>
      body.resource === resource && body.agent === agent && Date.parse(body.validFrom) <= Date.parse(now),
  );
  if (!found) throw engineErrors.NO_DUTY({ resource, exchange, agent });
  return found;
}

import type { CatalogResource, Signed, SupplyDuty } from '@qianzhi/model';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { requireClock } from '../require-clock.js';

export interface LiveDuty {
  readonly duty: Signed<SupplyDuty>;
  /** At the schema version to supply. */
  readonly resource: CatalogResource;
  /** The platform takes batches of several whole files. */
  readonly wholeFiles?: boolean;
}

/**
 * The supply duty in force for a resource. Without one nothing is read and nothing sent (design: promise 7). Throws
 * QZ_ENGINE_NO_DUTY, QZ_ENGINE_ASSIGNMENTS_MISSING before the first assignments, or QZ_ENGINE_CLOCK_BEHIND.
 */
export function requireDuty(core: Core, resource: string, exchange: string): LiveDuty {
  const assignments = core.options.assignments();
  if (!assignments) throw engineErrors.ASSIGNMENTS_MISSING({ what: { zh: '任务', en: 'assignments' } });
  const { agent } = core.options.identity;
  const found = assignments.supply.find(
    ({ duty: { body } }) => body.resource === resource && body.agent === agent,
  );
  if (!found) throw engineErrors.NO_DUTY({ resource, exchange, agent });
  requireClock(core, found.duty.body.validFrom);
  return found;
}

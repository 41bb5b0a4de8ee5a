import type { SupplyExchange } from '@qianzhi/model';
import type { SupplyOptions } from '@qianzhi/plugin-api';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { type LiveDuty, requireDuty } from '../provider/duty.js';
import { type RunOver, runOver } from './run-over.js';

/** Strategies that read everything each time: to read on would be to copy without end. */
const wholeCopies: ReadonlySet<string> = new Set(['snapshot', 'diff']);

/** Undefined for a run that ends with its source. Throws QZ_ENGINE_CONTINUOUS_UNFIT. */
export function supplyOver(
  core: Core,
  exchange: SupplyExchange,
  { continuous }: SupplyOptions,
  rest: AbortSignal,
  { duty, resource }: LiveDuty,
): RunOver | undefined {
  if (!continuous) return undefined;
  const { name, strategy, supply } = exchange;
  if (wholeCopies.has(strategy)) throw engineErrors.CONTINUOUS_UNFIT({ exchange: name, strategy });
  const unchanged = () => {
    const now = requireDuty(core, supply, name);
    return now.duty.body.id === duty.body.id && now.resource.schemaVersion === resource.schemaVersion;
  };
  return runOver(core, exchange, { continuous, rest, unchanged });
}

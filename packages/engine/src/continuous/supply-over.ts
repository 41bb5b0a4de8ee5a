import type { SupplyExchange } from '@qianzhi/model';
import type { SupplyOptions } from '@qianzhi/plugin-api';
import type { Core } from '../core.js';
import { type LiveDuty, requireDuty } from '../provider/duty.js';
import { type RunOver, runOver } from './run-over.js';

/** Undefined for a run that ends with its source. */
export function supplyOver(
  core: Core,
  exchange: SupplyExchange,
  { continuous }: SupplyOptions,
  rest: AbortSignal,
  { duty, resource }: LiveDuty,
): RunOver | undefined {
  if (!continuous) return undefined;
  const { name, supply } = exchange;
  const unchanged = () => {
    const now = requireDuty(core, supply, name);
    return now.duty.body.id === duty.body.id && now.resource.schemaVersion === resource.schemaVersion;
  };
  return runOver(core, exchange, { continuous, rest, unchanged });
}

import { isSupply } from '@qianzhi/model';
import type { Core } from '../core.js';

/** Name of the exchange that supplies a resource now, for messages: a config may rename it while its batches are on their way. */
export function supplierOf({ options }: Core, resource: string): string {
  return options.exchanges().find((one) => isSupply(one) && one.supply === resource)?.name ?? resource;
}

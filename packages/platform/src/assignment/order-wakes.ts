import { createWakes, type Wakes } from '../exchange/wakes.js';
import type { AgreementService, OrderNews } from '../ports.js';
import type { PlatformContext } from '../server/context.js';

/** By department: its few agents look each for themselves whether it concerns them. */
export interface OrderWakes extends Wakes, OrderNews {}

export function createOrderWakes(
  { log }: PlatformContext,
  grants: Pick<AgreementService, 'liveGrants' | 'onGrantChanged'>,
): OrderWakes {
  const wakes = createWakes();
  grants.onGrantChanged(({ consumer }) => wakes.wake(consumer));

  async function wakeConsumers(code: string): Promise<void> {
    for (const { body } of await grants.liveGrants(code)) wakes.wake(body.consumer);
  }

  return {
    ...wakes,
    ofDepartment: wakes.wake,
    ofResource({ code, department }) {
      wakes.wake(department);
      wakeConsumers(code).catch((error) => {
        // they hear of it with the renewal of their lease
        log.error({ err: error, resource: code }, 'consumers could not be told of a changed resource');
      });
    },
  };
}

import { type DeliveryStream, isQianzhiError } from '@qianzhi/model';
import { aboutDelivery } from '../about.js';
import { exchangeErrors } from '../errors.js';

/** Damage found while a delivery's bytes were read, told to its consumer with the ways out; any other error as it is. */
export function damagedDelivery(delivery: DeliveryStream, seq: number, error: unknown): unknown {
  if (!isQianzhiError(error) || error.kind !== 'integrity') return error;
  return exchangeErrors.DELIVERY_DAMAGED({ ...aboutDelivery(delivery), seq }, error);
}

import { type DeliveryStream, deliveryName, isQianzhiError } from '@qianzhi/model';
import { exchangeErrors } from '../errors.js';

/** Damage found while a delivery's bytes were read, told to its consumer with the ways out; any other error as it is. */
export function damagedDelivery(delivery: DeliveryStream, seq: number, error: unknown): unknown {
  if (!isQianzhiError(error) || error.kind !== 'integrity') return error;
  const { agreement, stream } = delivery;
  const facts = { delivery: deliveryName(delivery), seq, agreement, resource: stream.resource };
  return exchangeErrors.DELIVERY_DAMAGED(facts, error);
}

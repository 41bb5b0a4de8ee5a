import { type DeliveryStream, deliveryName, type Stream, streamName } from '@qianzhi/model';

/** How errors name a stream: in full, and by what the command that starts it again takes. */
export function aboutStream(stream: Stream) {
  return { stream: streamName(stream), resource: stream.resource };
}

/** The same of a delivery. */
export function aboutDelivery(delivery: DeliveryStream) {
  const { agreement, stream } = delivery;
  return { delivery: deliveryName(delivery), agreement, resource: stream.resource };
}

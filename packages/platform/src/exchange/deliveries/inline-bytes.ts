import { type Delivery, isQianzhiError, type Signed } from '@qianzhi/model';
import { returnBytes } from '@qianzhi/rows';
import type { AgentCaller } from '../../server/caller.js';
import type { Exchange } from '../exchange.js';

/** Bytes, in base64, of deliveries that were just stored. */
const inHand = new WeakMap<Signed<Delivery>, string>();

/** Keeps the bytes of a delivery for as long as its document is held, so that they need not be read again. */
export function putInHand(delivery: Signed<Delivery>, bytes: Uint8Array): void {
  inHand.set(delivery, base64(bytes));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/**
 * The stored bytes of small batches in base64, at most so many together, to come with the answer to a poll: one request less
 * on a change's way. Read under the same checks as if they were asked for. What does not fit is null, and all behind it.
 */
export async function inlineBytes(
  exchange: Pick<Exchange, 'deliveryBytes'>,
  caller: AgentCaller,
  deliveries: readonly Signed<Delivery>[],
  maxBytes: number,
): Promise<(string | null)[]> {
  const answer: (string | null)[] = deliveries.map(() => null);
  let left = maxBytes;
  for (const [at, delivery] of deliveries.entries()) {
    const { body } = delivery;
    left -= body.manifest.body.storedBytes;
    if (left < 0) break;
    answer[at] = inHand.get(delivery) ?? null;
    if (answer[at] !== null) continue;
    const found = await exchange.deliveryBytes(caller, body.delivery, body.seq).catch((error: unknown) => {
      // told, by its code, to whoever asks for these bytes alone: the documents are answered all the same
      if (isQianzhiError(error)) return undefined;
      throw error;
    });
    if (!found) break;
    const { bytes } = found;
    answer[at] = base64(bytes);
    returnBytes(bytes);
  }
  return answer;
}

import { type Delivery, isQianzhiError, type Signed } from '@qianzhi/model';
import { returnBytes } from '@qianzhi/rows';
import type { AgentCaller } from '../../server/caller.js';
import type { Exchange } from '../exchange.js';

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
  for (const [at, { body }] of deliveries.entries()) {
    left -= body.manifest.body.storedBytes;
    if (left < 0) break;
    const found = await exchange.deliveryBytes(caller, body.delivery, body.seq).catch((error: unknown) => {
      // told, by its code, to whoever asks for these bytes alone: the documents are answered all the same
      if (isQianzhiError(error)) return undefined;
      throw error;
    });
    if (!found) break;
    const { bytes } = found;
    answer[at] = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
    returnBytes(bytes);
  }
  return answer;
}

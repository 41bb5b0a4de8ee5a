import { isQianzhiError } from '@qianzhi/model';
import type { IncomingDelivery } from '@qianzhi/plugin-api';
import { returnBytes } from '@qianzhi/rows';
import { withDeadline } from '../clock.js';
import type { Core } from '../core.js';
import { codedError } from '../failure.js';
import type { Inbox } from '../inbox/inbox.js';
import { type DeliveredBatch, isOfFiles } from './open-target.js';
import { openBytes, type VerifiedDelivery } from './verify-delivery.js';

/**
 * The rows of a delivery whose documents are proven: from the inbox if a run before received them, else fetched, and then
 * on disk before they count as received. Bytes of either kind are proven alike; what a line has changed is fetched once more.
 */
export async function receiveBatch(
  core: Core,
  inbox: Inbox,
  exchange: string,
  verified: VerifiedDelivery,
  item: IncomingDelivery,
  signal: AbortSignal,
): Promise<DeliveredBatch> {
  const { name, body } = verified;
  const { seq } = body;
  const { rows, rowsDigest } = body.manifest.body;
  const place = { exchange, delivery: name };
  const received = { seq, rows, rowsDigest };
  const again = (where: string, error: unknown) => {
    const { code, message } = codedError(error, name);
    core.options.log.warn({ code, delivery: name, seq }, `damaged ${where}, fetched again: ${message}`);
  };
  const kept = await inbox.read(place, received);
  if (kept) {
    try {
      return await openBytes(core, verified, kept);
    } catch (error) {
      again('in the inbox', error);
      await inbox.drop(place, seq);
    }
  }
  const fetched = async () => {
    const stored = await withDeadline(`${name} #${seq}`, core.limits.channelTimeoutMs, signal, (inner) =>
      item.bytes(inner),
    );
    return { stored, batch: await openBytes(core, verified, stored) };
  };
  const { stored, batch } = await fetched().catch((error) => {
    // a line changes a byte once; what comes so twice is for a person to look at
    if (!isQianzhiError(error, 'QZ_ENGINE_DELIVERY_WRONG')) throw error;
    again('on the way', error);
    return fetched();
  });
  // a part of a file is on its way to the disk: fetching the few of a restart again is quicker than writing each twice
  if (!isOfFiles(batch)) await inbox.keep(place, received, stored);
  returnBytes(stored);
  return batch;
}

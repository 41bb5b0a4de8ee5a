import type { IncomingDelivery, SinkBatch } from '@qianzhi/plugin-api';
import { returnBytes } from '@qianzhi/rows';
import { withDeadline } from '../clock.js';
import type { Core } from '../core.js';
import { codedError } from '../failure.js';
import type { Inbox } from '../inbox/inbox.js';
import { openBytes, type VerifiedDelivery } from './verify-delivery.js';

/**
 * The rows of a delivery whose documents are proven: from the inbox if a run before received them, else fetched, and then
 * on disk before they count as received. Bytes of either kind are proven alike.
 */
export async function receiveBatch(
  core: Core,
  inbox: Inbox,
  exchange: string,
  verified: VerifiedDelivery,
  item: IncomingDelivery,
  signal: AbortSignal,
): Promise<SinkBatch> {
  const { name, body } = verified;
  const { seq } = body;
  const { rows, rowsDigest } = body.manifest.body;
  const place = { exchange, delivery: name };
  const received = { seq, rows, rowsDigest };
  const kept = await inbox.read(place, received);
  if (kept) {
    try {
      return await openBytes(core, verified, kept);
    } catch (error) {
      const { code, message } = codedError(error, name);
      core.options.log.warn({ code, delivery: name, seq }, `damaged in the inbox, fetched again: ${message}`);
      await inbox.drop(place, seq);
    }
  }
  const stored = await withDeadline(`${name} #${seq}`, core.limits.channelTimeoutMs, signal, (inner) =>
    item.bytes(inner),
  );
  const batch = await openBytes(core, verified, stored);
  await inbox.keep(place, received, stored);
  returnBytes(stored);
  return batch;
}

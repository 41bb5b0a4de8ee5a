import type { Recovery } from '@qianzhi/model';
import { signDocument } from '@qianzhi/model/crypto';
import { withDeadline } from '../clock.js';
import type { Core } from '../core.js';
import type { DurableFolder } from '../files/durable-folder.js';
import { inDatabase } from '../store/batch-table.js';
import { newStream, type StreamRow, streamOf } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';
import { type HeadsGate, headOf } from './heads.js';

/**
 * Opens epoch + 1 by a signed record that names both old heads. The new epoch begins with a snapshot; what was sealed in
 * the old one and never receipted is void, and read again by it.
 */
export async function openNewEpoch(
  core: Core,
  tables: Tables,
  folder: DurableFolder,
  gate: HeadsGate,
  row: StreamRow,
  reason: string,
  signal: AbortSignal,
): Promise<StreamRow> {
  const { agent, signingKey } = core.options.identity;
  // asked now: since the start the platform took more, or was restored to less
  const platform = await gate.ask(row, signal);
  const stream = platform?.stream ?? streamOf(row, agent);
  const body: Recovery = {
    type: 'recovery',
    stream,
    ownHead: headOf(row),
    platformHead: platform?.head ?? { seq: 0, rowsDigest: null },
    nextEpoch: Math.max(stream.epoch, row.epoch) + 1,
    reason,
    issuedAt: core.now(),
  };
  const opened = await withDeadline('recover', core.limits.channelTimeoutMs, signal, (inner) =>
    core.options.openEpoch(signDocument(body, signingKey), inner),
  );
  const next: StreamRow = { ...newStream(row.resource, opened.epoch), schema: row.schema };
  const abandoned = tables.batches.abandoned(row.resource, opened.epoch);
  core.store.write(() => {
    tables.streams.put(next);
    tables.baselines.clear(row.resource);
    for (const batch of abandoned) tables.batches.forgetBytes(batch);
  });
  for (const { file } of abandoned) if (file !== inDatabase) await folder.remove(file!);
  return next;
}

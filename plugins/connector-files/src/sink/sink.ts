import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type DeliveryStream, throwIfCancelled } from '@qianzhi/model';
import type { LedgerRow, PluginContext, Sink, SinkSpec } from '@qianzhi/plugin-api';
import { supplierOf, takeTurn } from '@qianzhi/sql-kit';
import type { FilesConfig } from '../config.js';
import { guarded } from '../folder/classify.js';
import { namesIn } from '../folder/list.js';
import { openLedger } from './ledger.js';
import { targetColumns, targetOf } from './target.js';
import { type Failpoint, finish, type Writing, writeBatch } from './write-batch.js';

/**
 * Opens a sink. A batch is written to an unfinished file and synced; its ledger line, synced, is the commit; the file then gets its
 * name. After a crash what the ledger holds is finished and everything else is swept, before anything is answered.
 */
export async function openSink(
  config: FilesConfig,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
  failpoint: Failpoint = () => undefined,
): Promise<Sink> {
  throwIfCancelled(signal, 'open a sink');
  const target = await targetOf(config, spec);
  await targetColumns(target, spec.resource);
  const { exchange, ended = [] } = spec;
  const ledger = openLedger(target.ledger);
  const writing: Writing = { target, ledger, exchange, ended: ended.map(supplierOf), context, failpoint };
  await inTurn(writing, signal, () => sweep(writing));
  return {
    ledgerHead: (delivery, signal) =>
      inTurn(writing, signal, async () => ledger.entries(exchange, delivery).at(-1)?.row),
    ledgerAfter: (delivery, seq, limit, signal) =>
      inTurn(writing, signal, async () => ledgerAfter(writing, delivery, seq, limit)),
    write: (batch, onRejected, signal) =>
      inTurn(writing, signal, () => writeBatch(writing, batch, onRejected, signal)),
    discardStaged: (delivery, signal) => inTurn(writing, signal, () => discardStaged(writing, delivery)),
    async [Symbol.asyncDispose]() {},
  };
}

export function ledgerAfter(
  { ledger, exchange }: Writing,
  delivery: DeliveryStream,
  seq: number,
  limit: number,
): readonly LedgerRow[] {
  const rows = ledger.entries(exchange, delivery).map(({ row }) => row);
  return rows.filter((row) => row.seq > seq).slice(0, limit);
}

/** Forgets parts that wait for their last one; what they wrote is swept, with all else that no ledger line needs. */
export async function discardStaged(writing: Writing, delivery: DeliveryStream): Promise<void> {
  const { ledger, exchange } = writing;
  if (ledger.staged(exchange, delivery).length > 0) await ledger.discard(exchange, delivery);
  await sweep(writing);
}

/** One at a time for each target; first of all what a crash or an error left half done is finished. */
export async function inTurn<T>(writing: Writing, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { target, ledger } = writing;
  throwIfCancelled(signal, 'write files');
  const leave = await takeTurn(target.ledger, 'write files', signal);
  try {
    return await guarded('write', target.folder, async () => {
      await ledger.refresh();
      await finish(writing, ledger.last);
      return work();
    });
  } finally {
    leave();
  }
}

/** Removes unfinished files of batches that never came into the ledger, or were discarded. */
export async function sweep({ target, ledger }: Writing): Promise<void> {
  const needed = ledger.unfinished();
  const prefix = `.${target.spec.name}-`;
  const isMine = (name: string) =>
    name.startsWith(prefix) && /^\d{10}\.part$/.test(name.slice(prefix.length));
  for (const name of await namesIn(target.folder)) {
    if (isMine(name) && !needed.has(name)) await unlink(join(target.folder, name));
  }
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DeliveryStream, throwIfCancelled } from '@qianzhi/model';
import type { PluginContext, Sink, SinkSpec, TargetLedger } from '@qianzhi/plugin-api';
import { supplierOf, takeTurn } from '@qianzhi/sql-kit';
import type { FilesConfig } from '../config.js';
import { guarded } from '../folder/classify.js';
import { namesIn, statsOf } from '../folder/list.js';
import { openLedger } from './ledger.js';
import { targetColumns, targetOf, unfinishedPath } from './target.js';
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
  const writing = await openWriting(config, spec, context, signal, failpoint);
  await targetColumns(writing.target, spec.resource);
  return {
    ...ledgerOf(writing),
    write: (batch, onRejected, signal) =>
      inTurn(writing, signal, () => writeBatch(writing, batch, onRejected, signal)),
  };
}

/** Checks the target, and sweeps what a crash left there. */
export async function openWriting(
  config: FilesConfig,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
  failpoint: Failpoint,
): Promise<Writing> {
  throwIfCancelled(signal, 'open a sink');
  const target = await targetOf(config, spec);
  const { exchange, ended = [] } = spec;
  const ledger = openLedger(target.ledger);
  const writing: Writing = { target, ledger, exchange, ended: ended.map(supplierOf), context, failpoint };
  await inTurn(writing, signal, () => sweep(writing));
  return writing;
}

/** What a target says of its ledger, of tables and of files alike. */
export function ledgerOf(writing: Writing): TargetLedger {
  const { ledger, exchange } = writing;
  return {
    ledgerHead: (delivery, signal) =>
      inTurn(writing, signal, async () => {
        if (await isStagedLost(writing, delivery)) await discardStaged(writing, delivery);
        return ledger.entries(exchange, delivery).at(-1)?.row;
      }),
    ledgerAfter: (delivery, seq, limit, signal) =>
      inTurn(writing, signal, async () => {
        const rows = ledger.entries(exchange, delivery).map(({ row }) => row);
        return rows.filter((row) => row.seq > seq).slice(0, limit);
      }),
    discardStaged: (delivery, signal) => inTurn(writing, signal, () => discardStaged(writing, delivery)),
    async [Symbol.asyncDispose]() {},
  };
}

/** The unfinished file is gone or shorter than the ledger says, in a restored folder perhaps: its parts are to come again. */
async function isStagedLost(
  { ledger, target, exchange }: Writing,
  delivery: DeliveryStream,
): Promise<boolean> {
  const last = ledger.staged(exchange, delivery).at(-1);
  if (last?.unfinished === undefined) return false;
  const held = await statsOf(unfinishedPath(target, last.unfinished, last.of));
  return !held || Number(held.size) < last.bytes!;
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
async function sweep({ target, ledger }: Writing): Promise<void> {
  const needed = ledger.unfinished();
  const prefix = `.${target.spec.name}-`;
  const isMine = (name: string) =>
    name.startsWith(prefix) && /^\d{10}\.part$/.test(name.slice(prefix.length));
  for (const folder of [target.folder, target.hidden]) {
    if (!(await statsOf(folder))) continue;
    for (const name of await namesIn(folder)) {
      if (isMine(name) && !needed.has(name)) await rm(join(folder, name), { recursive: true });
    }
  }
}

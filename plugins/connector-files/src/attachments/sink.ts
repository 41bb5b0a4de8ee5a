import { join } from 'node:path';
import { type DeliveryStream, throwIfCancelled } from '@qianzhi/model';
import type { FileSink, PluginContext, SinkSpec } from '@qianzhi/plugin-api';
import { supplierOf } from '@qianzhi/sql-kit';
import type { FilesConfig } from '../config.js';
import { statsOf } from '../folder/list.js';
import { openLedger } from '../sink/ledger.js';
import { discardStaged, inTurn, ledgerAfter, sweep } from '../sink/sink.js';
import { targetOf } from '../sink/target.js';
import type { Failpoint, Writing } from '../sink/write-batch.js';
import { writePart } from './write-part.js';

/**
 * Opens a target of files. Parts are appended to an unfinished file and synced; the ledger line of the last one, synced, is the
 * commit; the file then gets its name. After a crash what the ledger holds is finished, and everything else is swept.
 */
export async function openFileSink(
  config: FilesConfig,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
  failpoint: Failpoint = () => undefined,
): Promise<FileSink> {
  throwIfCancelled(signal, 'open a sink');
  const target = await targetOf(config, spec);
  const { exchange, ended = [] } = spec;
  const ledger = openLedger(target.ledger);
  const writing: Writing = { target, ledger, exchange, ended: ended.map(supplierOf), context, failpoint };
  await inTurn(writing, signal, () => sweep(writing));
  return {
    ledgerHead: (delivery, signal) =>
      inTurn(writing, signal, async () => {
        if (await isStagedLost(writing, delivery)) await discardStaged(writing, delivery);
        return ledger.entries(exchange, delivery).at(-1)?.row;
      }),
    ledgerAfter: (delivery, seq, limit, signal) =>
      inTurn(writing, signal, async () => ledgerAfter(writing, delivery, seq, limit)),
    write: (part, onRejected, signal) =>
      inTurn(writing, signal, () => writePart(writing, part, onRejected, signal)),
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
  const held = await statsOf(join(target.hidden, last.unfinished));
  return !held || Number(held.size) < last.bytes!;
}

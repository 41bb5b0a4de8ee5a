import type { FileSink, PluginContext, SinkSpec } from '@qianzhi/plugin-api';
import type { FilesConfig } from '../config.js';
import { inTurn, ledgerOf, openWriting } from '../sink/sink.js';
import type { Failpoint } from '../sink/write-batch.js';
import { runningDigest } from './running-digest.js';
import { type Standing, standingIn } from './standing.js';
import { writePart } from './write-part.js';
import { writeWhole } from './write-whole.js';

/**
 * Opens a target of files. Parts are appended to an unfinished file and synced; the ledger line of the last one, synced, is the
 * commit; the file then gets its name. Several whole files are written aside, and one line commits them. After a crash what the ledger holds is finished, and everything else is swept.
 */
export async function openFileSink(
  config: FilesConfig,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
  failpoint: Failpoint = () => undefined,
  standing?: Standing,
): Promise<Required<FileSink>> {
  const opened = await openWriting(config, spec, context, signal, failpoint);
  const writing = { ...opened, standing: standing ?? standingIn(opened.target), digest: runningDigest() };
  return {
    ...ledgerOf(writing),
    write: (part, onRejected, signal) =>
      inTurn(writing, signal, () => writePart(writing, part, onRejected, signal)),
    writeWhole: (files, onRejected, signal) =>
      inTurn(writing, signal, () => writeWhole(writing, files, onRejected, signal)),
  };
}

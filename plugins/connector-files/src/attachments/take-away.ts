import { type FilePart, noCounts } from '@qianzhi/model';
import type { LedgerRow, SinkFilePart } from '@qianzhi/plugin-api';
import { numberedName } from '../folder/list.js';
import type { FileWriting } from './write-part.js';

/**
 * Takes a file away that its provider has no more. The file goes first and the ledger row follows: after a crash between the two it
 * is gone already, which the row then says.
 */
export async function writeRemoval(
  writing: FileWriting,
  part: SinkFilePart,
  signal: AbortSignal,
): Promise<LedgerRow> {
  const { exchange, ledger, context, failpoint } = writing;
  const { delivery, seq, rowsDigest, file } = part;
  const number = ledger.number + 1;
  const outcome = await takeAway(writing, file, number, signal);
  failpoint('written');
  const row: LedgerRow = {
    exchange,
    delivery,
    seq,
    rowsDigest,
    stage: 'applied',
    snapshotId: null,
    counts: { ...noCounts, delivered: 1, [outcome]: 1 },
    bytes: 0,
    committedAt: context.now().toISOString(),
  };
  await ledger.add({ row, number });
  failpoint('committed');
  return row;
}

/** `number`: of the ledger's entry to come. */
export async function takeAway(
  { target, standing }: FileWriting,
  { name }: FilePart,
  number: number,
  signal: AbortSignal,
): Promise<'deleted' | 'unchanged'> {
  if (target.spec.removed === 'keep') return 'unchanged';
  return (await standing.takeAway(name, numberedName(number, name), signal)) ? 'deleted' : 'unchanged';
}

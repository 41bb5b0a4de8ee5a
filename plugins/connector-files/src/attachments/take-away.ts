import { noCounts } from '@qianzhi/model';
import type { LedgerRow, SinkFilePart } from '@qianzhi/plugin-api';
import { numberedName } from '../folder/list.js';
import type { FileWriting } from './write-part.js';

/**
 * Takes a file away that its provider has no more. The file goes first and the ledger row follows: after a crash between the two it
 * is gone already, which the row then says.
 */
export async function takeAway(
  writing: FileWriting,
  part: SinkFilePart,
  signal: AbortSignal,
): Promise<LedgerRow> {
  const { exchange, ledger, target, standing, context, failpoint } = writing;
  const { delivery, seq, rowsDigest, file } = part;
  const number = ledger.number + 1;
  const goes =
    target.spec.removed !== 'keep' &&
    (await standing.takeAway(file.name, numberedName(number, file.name), signal));
  failpoint('written');
  const row: LedgerRow = {
    exchange,
    delivery,
    seq,
    rowsDigest,
    stage: 'applied',
    snapshotId: null,
    counts: { ...noCounts, delivered: 1, [goes ? 'deleted' : 'unchanged']: 1 },
    bytes: 0,
    committedAt: context.now().toISOString(),
  };
  await ledger.add({ row, number });
  failpoint('committed');
  return row;
}

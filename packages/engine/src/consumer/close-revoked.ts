import type { QianzhiError } from '@qianzhi/model';
import type { TargetLedger } from '@qianzhi/plugin-api';
import { engineErrors } from '../errors.js';
import { problemText } from '../failure.js';
import type { ReceivedBatch } from '../inbox/inbox-file.js';
import type { DeliveryRow } from '../store/delivery-table.js';
import type { ConsumerParts } from './apply-run.js';
import { issueReceipt } from './issue-receipt.js';

/**
 * Ends a revoked delivery: what waits is erased from the inbox, staged parts from the target, and a `rejected(revoked)`
 * receipt closes every sequence that was `seen` or received and never applied.
 */
export async function closeRevoked(
  { core, tables, inbox }: Pick<ConsumerParts, 'core' | 'tables' | 'inbox'>,
  sink: TargetLedger,
  row: DeliveryRow,
  reason: string,
  seen: readonly ReceivedBatch[],
  signal: AbortSignal,
): Promise<QianzhiError> {
  const { exchange, name } = row;
  const received = await inbox.erase({ exchange, delivery: name });
  await sink.discardStaged(row.delivery, signal);
  const newest = tables.deliveries.newestApplied(exchange, name);
  const staged = newest
    ? tables.deliveries
        .stagedBefore(exchange, name, newest.seq + 1)
        .map(({ seq, rows, rowsDigest }) => ({ seq, rows, rowsDigest }))
    : [];
  const closed = [...staged, ...following(newest?.seq ?? 0, [...received, ...seen])];
  const error = engineErrors.REVOKED({
    agreement: row.delivery.agreement,
    grantVersion: row.delivery.grantVersion,
    resource: row.resource,
    exchange,
    reason,
  });
  core.store.write(() => {
    const first = closed[0];
    if (first) {
      issueReceipt(core, tables, {
        delivery: row.delivery,
        stage: 'rejected',
        seqFrom: first.seq,
        rowsDigests: closed.map((one) => one.rowsDigest),
        rows: closed.reduce((sum, one) => sum + one.rows, 0),
        reason: 'revoked',
      });
    }
    tables.deliveries.setState(exchange, name, 'revoked', problemText(error));
  });
  core.alarm(error, name);
  return error;
}

/** Those that follow `seq` without a gap: a receipt covers nothing else. */
function following(seq: number, batches: readonly ReceivedBatch[]): readonly ReceivedBatch[] {
  const bySeq = new Map(batches.map((one) => [one.seq, one]));
  const found: ReceivedBatch[] = [];
  for (let next = bySeq.get(seq + 1); next; next = bySeq.get(next.seq + 1)) found.push(next);
  return found;
}

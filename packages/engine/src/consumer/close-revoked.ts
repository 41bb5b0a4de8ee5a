import { deliveryName, type QianzhiError } from '@qianzhi/model';
import type { Sink } from '@qianzhi/plugin-api';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { problemText } from '../failure.js';
import type { DeliveryRow } from '../store/delivery-table.js';
import type { Tables } from '../store/tables.js';
import { issueReceipt } from './issue-receipt.js';
import type { VerifiedDelivery } from './verify-delivery.js';

/**
 * Ends a revoked delivery: staged parts are erased from the target, and a `rejected(revoked)` receipt closes every
 * sequence that was seen and never applied. What was prefetched is dropped by the caller, unopened.
 */
export async function closeRevoked(
  core: Core,
  tables: Tables,
  sink: Sink,
  row: DeliveryRow,
  reason: string,
  seen: readonly VerifiedDelivery[],
  signal: AbortSignal,
): Promise<QianzhiError> {
  await sink.discardStaged(row.delivery, signal);
  const { exchange, name } = row;
  const newest = tables.deliveries.newestApplied(exchange, name);
  const staged = newest
    ? tables.deliveries
        .stagedBefore(exchange, name, newest.seq + 1)
        .map(({ seq, rows, rowsDigest }) => ({ seq, rows, rowsDigest }))
    : [];
  const waiting = seen
    .filter((one) => deliveryName(one.body.delivery) === name && one.body.seq > (newest?.seq ?? 0))
    .map(({ body }) => ({
      seq: body.seq,
      rows: body.manifest.body.rows,
      rowsDigest: body.manifest.body.rowsDigest,
    }));
  const closed = [...staged, ...waiting];
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

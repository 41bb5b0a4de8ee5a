import type { ConsumeExchange } from '@qianzhi/model';
import type { OnRejected } from '@qianzhi/plugin-api';
import { checkRejectLimit } from '../provider/reject-limit.js';
import type { Quarantine } from '../quarantine/quarantine.js';
import type { DeliveredBatch } from './open-target.js';

/** Takes rows a target refused: durable in quarantine before its transaction commits, within the exchange's limit. */
export function createRejectGate(quarantine: Quarantine, exchange: ConsumeExchange) {
  /** Rows of the run's earlier batches, staged ones included (they are in no count yet). */
  let rows = 0;
  let rejected = 0;
  return {
    forBatch(batch: DeliveredBatch): OnRejected {
      const rowsBefore = rows;
      const rejectedBefore = rejected;
      rows += batch.rows;
      let ofBatch = 0;
      return async (refused) => {
        ofBatch += refused.length;
        rejected = rejectedBefore + ofBatch;
        quarantine.put(
          { exchange: exchange.name, resource: batch.resource.code, direction: 'consume' },
          refused.map(({ op, item, reason, bytes, key }) => ({
            op,
            item,
            reason,
            bytes,
            key: key === undefined ? '' : Buffer.from(key).toString('utf8'),
          })),
        );
        checkRejectLimit(exchange.name, exchange.rejectLimit, rowsBefore + batch.rows, rejected);
      };
    },
  };
}

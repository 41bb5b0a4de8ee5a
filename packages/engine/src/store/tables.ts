import { type BaselineTable, baselineTable } from './baseline-table.js';
import { type BatchTable, batchTable } from './batch-table.js';
import { type DeliveryTable, deliveryTable } from './delivery-table.js';
import { type EvidenceTable, evidenceTable } from './evidence-table.js';
import { type ExchangeTable, exchangeTable } from './exchange-table.js';
import { type JobTable, jobTable } from './job-table.js';
import { longCheckpoints } from './long-checkpoints.js';
import { type QuarantineTable, quarantineTable } from './quarantine-table.js';
import { type ReceiptTable, receiptTable } from './receipt-table.js';
import { type ReconciliationTable, reconciliationTable } from './reconciliation-table.js';
import type { Store } from './store.js';
import { type StreamTable, streamTable } from './stream-table.js';

/** Prepared access to the store; writing belongs inside `store.write`. */
export interface Tables {
  readonly streams: StreamTable;
  readonly batches: BatchTable;
  readonly receipts: ReceiptTable;
  readonly exchanges: ExchangeTable;
  readonly jobs: JobTable;
  readonly deliveries: DeliveryTable;
  readonly quarantine: QuarantineTable;
  readonly baselines: BaselineTable;
  readonly reconciliations: ReconciliationTable;
  readonly evidence: EvidenceTable;
}

export function tablesOf(store: Store): Tables {
  const long = longCheckpoints(store);
  return {
    streams: streamTable(store, long),
    batches: batchTable(store, long),
    receipts: receiptTable(store),
    exchanges: exchangeTable(store),
    jobs: jobTable(store),
    deliveries: deliveryTable(store),
    quarantine: quarantineTable(store),
    baselines: baselineTable(store),
    reconciliations: reconciliationTable(store),
    evidence: evidenceTable(store),
  };
}

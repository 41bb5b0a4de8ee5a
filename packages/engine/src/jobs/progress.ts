import type { RunSummary } from '@qianzhi/plugin-api';
import type { Core } from '../core.js';
import { newCounts, type RunCounts } from '../provider/run-counts.js';
import type { Tables } from '../store/tables.js';
import type { Progress } from '../surface.js';

export interface ProgressMeter {
  onCounts(counts: RunCounts): void;
  onWaiting(batches: number, bytes: number): void;
  /** What the run came to so far. */
  counts(): RunSummary;
  /** Progress by now; rates are since the call before. */
  measure(): Progress;
}

/** `supplied` names the resource whose outbox is the lag; undefined for a consuming exchange. */
export function createMeter(core: Core, tables: Tables, supplied: string | undefined): ProgressMeter {
  let counts = newCounts();
  let waiting = { batches: 0, bytes: 0 };
  let before = { at: core.clock.now().getTime(), rows: 0, bytes: 0 };
  return {
    onCounts(live) {
      counts = live;
    },
    onWaiting(batches, bytes) {
      waiting = { batches, bytes };
    },
    counts: () => ({ ...counts }),
    measure() {
      const at = core.clock.now().getTime();
      const rows = counts.read + counts.delivered;
      const { bytes, batches } = counts;
      const seconds = Math.max(at - before.at, 1) / 1000;
      const rate = (now: number, then: number) => Math.max(0, Math.round((now - then) / seconds));
      const lag = supplied === undefined ? waiting : outboxLag(tables, supplied);
      const progress: Progress = {
        rows,
        bytes,
        batches,
        rowsPerSecond: rate(rows, before.rows),
        bytesPerSecond: rate(bytes, before.bytes),
        waitingBatches: lag.batches,
        waitingBytes: lag.bytes,
      };
      before = { at, rows, bytes };
      return progress;
    },
  };
}

function outboxLag(tables: Tables, resource: string) {
  const row = tables.streams.get(resource);
  return row ? tables.batches.waiting(resource, row.epoch, row.receipted) : { batches: 0, bytes: 0 };
}

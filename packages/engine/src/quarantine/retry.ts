import type { SupplyExchange } from '@qianzhi/model';
import { compileValidator, opByte } from '@qianzhi/rows';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { errorOf } from '../failure.js';
import type { Outbox } from '../outbox/outbox.js';
import { requireAcceptedSchema } from '../provider/drift.js';
import { requireDuty } from '../provider/duty.js';
import { newCounts } from '../provider/run-counts.js';
import { createSealer } from '../sealer/sealer.js';
import type { StoredQuarantineRow } from '../store/quarantine-table.js';
import type { Tables } from '../store/tables.js';
import type { HeadsGate } from '../streams/heads.js';
import type { StreamStates } from '../streams/stream-state.js';
import type { Quarantine } from './quarantine.js';

export interface RetryParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly outbox: Outbox;
  readonly gate: HeadsGate;
  readonly quarantine: Quarantine;
  readonly states: StreamStates;
}

const AT_ONCE = 500;

/**
 * Checks quarantined rows against the current catalog and sends valid ones as `U` through the normal path. Only a key that
 * is still stale is sent: where a valid row came since, the old one would undo it.
 */
export async function retryQuarantine(parts: RetryParts, exchange: SupplyExchange, signal: AbortSignal) {
  const { core, tables, outbox, gate, quarantine } = parts;
  const { name, supply: code } = exchange;
  const { resource } = requireDuty(core, code, name);
  await gate.ensure(signal);
  const stream = tables.streams.get(code);
  if (!stream) throw engineErrors.STREAM_UNKNOWN({ name: code });
  if (stream.problem) throw errorOf(stream.problem);
  requireAcceptedSchema(core, tables, parts.states, stream, resource);
  if (stream.snapshot) throw engineErrors.RETRY_DURING_SNAPSHOT({ resource: code, exchange: name });

  const validator = compileValidator(resource);
  const counts = newCounts();
  const permit = () => requireDuty(core, code, name).duty;
  const sealer = createSealer({ core, tables, outbox, resource, exchange: name, counts, permit, signal });
  const stale = new Set(tables.quarantine.staleKeys(name));
  const result = { sent: 0, stillRejected: 0, superseded: 0 };
  const done: StoredQuarantineRow[] = [];

  async function sealStale(): Promise<void> {
    for (let after = 0; ; ) {
      const rows = tables.quarantine.rows({ exchange: name }, after, AT_ONCE);
      if (rows.length === 0) break;
      after = rows.at(-1)!.n;
      for (const row of rows) {
        if (row.direction !== 'supply') continue;
        if (row.key === null || !stale.has(row.key)) {
          // without its key a row cannot be told from one that was corrected: it stays for a person
          if (row.key !== null) done.push(row);
          result[row.key === null ? 'stillRejected' : 'superseded']++;
          continue;
        }
        const checked = validator.validate(asUpsert(quarantine.open(row)));
        if (checked.rows !== 1) {
          result.stillRejected++;
          continue;
        }
        await sealer.add({
          phase: 'delta',
          bytes: checked.bytes,
          rows: 1,
          rejected: 0,
          flagged: checked.flaggedRows,
          repeated: 0,
          lastOfSnapshot: false,
          restart: false,
          checkpoint: undefined,
        });
        done.push(row);
        result.sent++;
      }
    }
  }

  try {
    await sealStale();
    await sealer.flush();
  } finally {
    await sealer.settled();
  }
  core.store.write(() => {
    for (const row of done) if (row.key !== null) tables.quarantine.clearStale(name, row.key);
    tables.quarantine.remove(done.map((row) => row.n));
  });
  await outbox.sender(code).drained(signal);
  return result;
}

function asUpsert(row: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(row);
  if (copy[0] === opByte.S) copy[0] = opByte.U;
  return copy;
}

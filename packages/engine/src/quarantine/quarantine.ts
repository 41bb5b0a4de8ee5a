import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import type { StoredQuarantineRow } from '../store/quarantine-table.js';
import type { Tables } from '../store/tables.js';

/** One refused row, from a source, the validator or a target. */
export interface Rejection {
  readonly op: string;
  readonly item: string;
  readonly reason: string;
  readonly bytes: Uint8Array;
  /** Row text of the key fields; '' when it is not known. */
  readonly key: string;
  /** Where it stands at its source, for a person. */
  readonly place?: string | undefined;
}

export interface RejectedOf {
  readonly exchange: string;
  readonly resource: string;
  readonly direction: 'supply' | 'consume';
}

/** Refused rows, encrypted and bounded in rows, bytes and days; only counts, item and reason are ever shown. */
export interface Quarantine {
  /** Durable when it returns. Throws QZ_ENGINE_QUARANTINE_FULL when nothing old or exported can give way. */
  put(of: RejectedOf, rejections: readonly Rejection[]): void;
  open(row: StoredQuarantineRow): Uint8Array;
  /** Keyed digest of a key's row text: what stale keys are stored as. */
  keyDigest(key: string): string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** What is kept of a row; a larger one is refused by its size anyway. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

export function createQuarantine(core: Core, tables: Tables): Quarantine {
  const { suite, keys, limits } = core;
  const digest = (bytes: Uint8Array) => suite.keyedDigest(keys.row, bytes);
  const keyDigest = (key: string) => digest(Buffer.from(`key\n${key}`));

  function makeRoom(exchange: string, rows: number, bytes: number): void {
    const limit = new Date(core.clock.now().getTime() - limits.quarantineDays * DAY_MS).toISOString();
    const old = tables.quarantine.dropBefore(limit);
    if (old > 0)
      core.options.log.warn({ exchange, rows: old }, 'quarantine: rows older than the limit dropped');
    for (;;) {
      const room = tables.quarantine.room();
      const over = room.rows + rows - limits.quarantineRows;
      if (over <= 0 && room.bytes + bytes <= limits.quarantineBytes) return;
      const dropped = tables.quarantine.dropExported(Math.max(over, 100));
      if (dropped === 0) throw engineErrors.QUARANTINE_FULL({ exchange, rows: room.rows, bytes: room.bytes });
      core.options.log.warn({ exchange, rows: dropped }, 'quarantine: exported rows dropped to make room');
    }
  }

  return {
    keyDigest,
    put(of, rejections) {
      if (rejections.length === 0) return;
      const at = core.now();
      const rows = rejections.map(({ bytes, place = null, ...row }) => {
        const kept = bytes.subarray(0, MAX_KEPT_BYTES);
        return { ...of, ...row, place, kept, content: digest(kept), bytes: kept.length, at };
      });
      core.store.write(() => {
        // those already here need no room
        const added = rows.filter((row) => !tables.quarantine.again(row));
        makeRoom(
          of.exchange,
          added.length,
          added.reduce((sum, row) => sum + row.bytes, 0),
        );
        for (const { kept, ...row } of added) {
          const sealed = suite.seal(keys.quarantine, kept, associated(of));
          tables.quarantine.put({ ...row, key: row.key === '' ? null : keyDigest(row.key), sealed });
        }
        for (const { key, op } of rows) {
          if (key !== '' && of.direction === 'supply' && op !== 'D') {
            tables.quarantine.markStale(of.exchange, keyDigest(key));
          }
        }
      });
      core.emit({ kind: 'rejected', exchange: of.exchange, rows: rows.length });
    },
    open: (row) => suite.unseal(keys.quarantine, row.sealed, associated(row)),
  };
}

/** Binds the sealed bytes to their place: a row cannot be moved to another exchange's quarantine. */
function associated({ exchange, resource }: { exchange: string; resource: string }): Uint8Array {
  return Buffer.from(`quarantine\n${exchange}\n${resource}`);
}

import type { InboxTarget } from '../config.js';
import { inboxErrors } from '../errors.js';
import type { Store } from './open-store.js';

const MiB = 1024 * 1024;
const DAY_MS = 86_400_000;
const AT_ONCE = 1_000;

export function limitBytes({ maxMiB }: InboxTarget): number {
  return maxMiB * MiB;
}

/**
 * Drops past changes: those older than the target keeps them, then the oldest until the rest fits. Runs in the transaction of the batch
 * that made them too many. Throws QZ_INBOX_FULL where the records as they are do not fit.
 */
export function prune({ db, exchange }: Store, target: InboxTarget, now: Date): void {
  const before = new Date(now.getTime() - target.keepDays * DAY_MS).toISOString();
  const size = db.prepare('SELECT bytes FROM inbox').pluck();
  const oldest = db.prepare<[number], { cursor: number; bytes: number; at: string }>(
    'SELECT cursor, bytes, at FROM change WHERE current = 0 ORDER BY cursor LIMIT ?',
  );
  const drop = db.prepare('DELETE FROM change WHERE current = 0 AND cursor <= ?');
  const note = db.prepare('UPDATE inbox SET horizon = max(horizon, ?), bytes = bytes - ?');
  const limit = limitBytes(target);
  for (;;) {
    const held = size.get() as number;
    const past = oldest.all(AT_ONCE);
    let bytes = 0;
    let horizon: number | undefined;
    for (const change of past) {
      if (change.at >= before && held - bytes <= limit) break;
      bytes += change.bytes;
      horizon = change.cursor;
    }
    if (horizon !== undefined) {
      drop.run(horizon);
      note.run(horizon, bytes);
    }
    if (horizon === undefined || past.length < AT_ONCE) {
      if (held - bytes > limit) throw inboxErrors.FULL({ exchange, bytes: held - bytes, limit });
      return;
    }
  }
}

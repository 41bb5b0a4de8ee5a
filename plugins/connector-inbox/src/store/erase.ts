import type { Store } from './open-store.js';

/** In whatever transaction is open. Places go on counting: what was read before is told from what comes then. */
export function eraseAll({ db }: Store): void {
  const held = db.prepare('SELECT 1 FROM supplier LIMIT 1').get() !== undefined;
  db.exec('DELETE FROM change; DELETE FROM staged; DELETE FROM supplier;');
  db.prepare('UPDATE inbox SET bytes = 0, horizon = ?, erased = max(erased, ?)').run(
    newestCursor(db),
    held ? 1 : 0,
  );
}

/** Of the newest change there ever was; 0 before the first. */
export function newestCursor(db: Store['db']): number {
  return (db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'change'").pluck().get() ?? 0) as number;
}

import type { QuarantineEntry, QuarantineFilter } from '../surface.js';
import type { Store } from './store.js';

/** A refused row at rest: `content` and `key` are keyed digests, `sealed` the encrypted row text. */
export interface QuarantineRow {
  readonly exchange: string;
  readonly resource: string;
  readonly direction: 'supply' | 'consume';
  readonly op: string;
  readonly item: string;
  readonly reason: string;
  readonly content: string;
  readonly key: string | null;
  readonly sealed: Uint8Array;
  readonly bytes: number;
  readonly at: string;
  readonly place: string | null;
}

export interface StoredQuarantineRow extends QuarantineRow {
  readonly n: number;
  readonly seen: number;
  readonly exported: number;
}

export interface QuarantineTable {
  put(row: QuarantineRow): void;
  /** A row met again is counted, not kept twice. False when it is not kept yet. */
  again(
    row: Pick<QuarantineRow, 'exchange' | 'content' | 'item' | 'reason' | 'op' | 'at' | 'place'>,
  ): boolean;
  room(): { readonly rows: number; readonly bytes: number };
  /** Drops rows older than `at`; answers how many. */
  dropBefore(at: string): number;
  /** Drops exported rows, oldest first, at least `rows` of them or all; answers how many. */
  dropExported(rows: number): number;
  entries(filter: QuarantineFilter): readonly QuarantineEntry[];
  rows(filter: QuarantineFilter, after: number, limit: number): readonly StoredQuarantineRow[];
  setExported(ns: readonly number[]): void;
  remove(ns: readonly number[]): void;
  markStale(exchange: string, key: string): void;
  /** The key is stale no more, and nothing refused of it is open. */
  clearKey(exchange: string, key: string): void;
  clearStale(exchange: string, key: string): void;
  clearAllStale(exchange: string): void;
  staleKeys(exchange: string): readonly string[];
  /** Whether a row of the key lies here, whoever refused it. */
  holds(exchange: string, key: string): boolean;
  isEmpty(exchange: string): boolean;
  /** Stale keys and those of supplied rows in quarantine. */
  openKeys(exchange: string): readonly string[];
  /** Marks what an exchange supplied as not met again yet; `put` and `again` take the mark away. */
  markUnmet(exchange: string): void;
  /** Answers how many. */
  dropUnmet(exchange: string): number;
  countStale(exchange: string): number;
  /** Rows that nobody exported yet. */
  countOpen(exchange: string): number;
}

export function quarantineTable({ db }: Store): QuarantineTable {
  const put = db.prepare(`INSERT INTO quarantine
    (exchange, resource, direction, op, item, reason, content, key, sealed, bytes, at, place)
    VALUES (@exchange, @resource, @direction, @op, @item, @reason, @content, @key, @sealed, @bytes, @at, @place)
    ON CONFLICT (exchange, content, item, reason) DO UPDATE SET seen = seen + 1, at = @at, op = @op, place = @place, unmet = 0`);
  const again =
    db.prepare(`UPDATE quarantine SET seen = seen + 1, at = @at, op = @op, place = @place, unmet = 0
    WHERE exchange = @exchange AND content = @content AND item = @item AND reason = @reason`);
  const room = db.prepare<[], { rows: number; bytes: number }>(
    'SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM quarantine',
  );
  const dropBefore = db.prepare('DELETE FROM quarantine WHERE at < ?');
  const dropExported = db.prepare(
    'DELETE FROM quarantine WHERE n IN (SELECT n FROM quarantine WHERE exported = 1 ORDER BY at LIMIT ?)',
  );
  const rows = db.prepare<[Record<string, unknown>], StoredQuarantineRow>(
    `SELECT * FROM quarantine WHERE (@exchange IS NULL OR exchange = @exchange) AND (@reason IS NULL OR reason = @reason)
     AND n > @after ORDER BY n LIMIT @limit`,
  );
  const entries = db.prepare<
    [Record<string, unknown>],
    Omit<StoredQuarantineRow, 'sealed' | 'content' | 'key'>
  >(
    `SELECT n, exchange, resource, direction, op, item, reason, bytes, at, place, seen, exported FROM quarantine
     WHERE (@exchange IS NULL OR exchange = @exchange) AND (@reason IS NULL OR reason = @reason) ORDER BY n DESC LIMIT @limit`,
  );
  const setExported = db.prepare('UPDATE quarantine SET exported = 1 WHERE n = ?');
  const remove = db.prepare('DELETE FROM quarantine WHERE n = ?');
  const markStale = db.prepare('INSERT OR IGNORE INTO stale_key (exchange, key) VALUES (?, ?)');
  const clearStale = db.prepare('DELETE FROM stale_key WHERE exchange = ? AND key = ?');
  const clearAllStale = db.prepare('DELETE FROM stale_key WHERE exchange = ?');
  const staleKeys = db.prepare<[string], { key: string }>('SELECT key FROM stale_key WHERE exchange = ?');
  const removeKey = db.prepare(
    "DELETE FROM quarantine WHERE exchange = ? AND key = ? AND direction = 'supply'",
  );
  const openKeys = db.prepare<[string, string], { key: string }>(
    `SELECT key FROM stale_key WHERE exchange = ? UNION
     SELECT key FROM quarantine WHERE exchange = ? AND direction = 'supply' AND key IS NOT NULL`,
  );
  const any = db.prepare<[string], unknown>('SELECT 1 FROM quarantine WHERE exchange = ? LIMIT 1');
  const holds = db.prepare<[string, string], unknown>(
    'SELECT 1 FROM quarantine WHERE exchange = ? AND key = ? LIMIT 1',
  );
  const markUnmet = db.prepare("UPDATE quarantine SET unmet = 1 WHERE exchange = ? AND direction = 'supply'");
  const dropUnmet = db.prepare('DELETE FROM quarantine WHERE exchange = ? AND unmet = 1');
  const countStale = db.prepare<[string], { count: number }>(
    'SELECT count(*) AS count FROM stale_key WHERE exchange = ?',
  );
  const countOpen = db.prepare<[string], { count: number }>(
    'SELECT count(*) AS count FROM quarantine WHERE exchange = ? AND exported = 0',
  );
  return {
    put: (row) => void put.run(row),
    again: ({ exchange, content, item, reason, op, at, place }) =>
      again.run({ exchange, content, item, reason, op, at, place }).changes > 0,
    room: () => room.get() ?? { rows: 0, bytes: 0 },
    dropBefore: (at) => dropBefore.run(at).changes,
    dropExported: (count) => dropExported.run(count).changes,
    entries: ({ exchange = null, reason = null, limit = 1000 }: Record<string, unknown>) =>
      entries.all({ exchange, reason, limit }).map(({ n, exported, ...entry }) => ({
        ...entry,
        id: n,
        exported: exported === 1,
      })),
    rows: ({ exchange = null, reason = null }: Record<string, unknown>, after, limit) =>
      rows.all({ exchange, reason, after, limit }),
    setExported(ns) {
      for (const n of ns) setExported.run(n);
    },
    remove(ns) {
      for (const n of ns) remove.run(n);
    },
    markStale: (exchange, key) => void markStale.run(exchange, key),
    clearKey(exchange, key) {
      clearStale.run(exchange, key);
      removeKey.run(exchange, key);
    },
    holds: (exchange, key) => holds.get(exchange, key) !== undefined,
    isEmpty: (exchange) => any.get(exchange) === undefined,
    openKeys: (exchange) => openKeys.all(exchange, exchange).map((row) => row.key),
    markUnmet: (exchange) => void markUnmet.run(exchange),
    dropUnmet: (exchange) => dropUnmet.run(exchange).changes,
    clearStale: (exchange, key) => void clearStale.run(exchange, key),
    clearAllStale: (exchange) => void clearAllStale.run(exchange),
    staleKeys: (exchange) => staleKeys.all(exchange).map((row) => row.key),
    countOpen: (exchange) => countOpen.get(exchange)?.count ?? 0,
    countStale: (exchange) => countStale.get(exchange)?.count ?? 0,
  };
}

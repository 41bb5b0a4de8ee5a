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
}

export interface StoredQuarantineRow extends QuarantineRow {
  readonly n: number;
  readonly seen: number;
  readonly exported: number;
}

export interface QuarantineTable {
  /** A row met again is counted, not kept twice. */
  put(row: QuarantineRow): void;
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
  clearStale(exchange: string, key: string): void;
  clearAllStale(exchange: string): void;
  staleKeys(exchange: string): readonly string[];
  countStale(exchange: string): number;
}

export function quarantineTable({ db }: Store): QuarantineTable {
  const put = db.prepare(`INSERT INTO quarantine
    (exchange, resource, direction, op, item, reason, content, key, sealed, bytes, at)
    VALUES (@exchange, @resource, @direction, @op, @item, @reason, @content, @key, @sealed, @bytes, @at)
    ON CONFLICT (exchange, content, item, reason) DO UPDATE SET seen = seen + 1, at = @at, op = @op`);
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
    `SELECT n, exchange, resource, direction, op, item, reason, bytes, at, seen, exported FROM quarantine
     WHERE (@exchange IS NULL OR exchange = @exchange) AND (@reason IS NULL OR reason = @reason) ORDER BY n DESC LIMIT @limit`,
  );
  const setExported = db.prepare('UPDATE quarantine SET exported = 1 WHERE n = ?');
  const remove = db.prepare('DELETE FROM quarantine WHERE n = ?');
  const markStale = db.prepare('INSERT OR IGNORE INTO stale_key (exchange, key) VALUES (?, ?)');
  const clearStale = db.prepare('DELETE FROM stale_key WHERE exchange = ? AND key = ?');
  const clearAllStale = db.prepare('DELETE FROM stale_key WHERE exchange = ?');
  const staleKeys = db.prepare<[string], { key: string }>('SELECT key FROM stale_key WHERE exchange = ?');
  const countStale = db.prepare<[string], { count: number }>(
    'SELECT count(*) AS count FROM stale_key WHERE exchange = ?',
  );
  return {
    put: (row) => void put.run(row),
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
    clearStale: (exchange, key) => void clearStale.run(exchange, key),
    clearAllStale: (exchange) => void clearAllStale.run(exchange),
    staleKeys: (exchange) => staleKeys.all(exchange).map((row) => row.key),
    countStale: (exchange) => countStale.get(exchange)?.count ?? 0,
  };
}

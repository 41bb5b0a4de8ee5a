import type { Store } from './open-store.js';

/** A record as it came: encrypted, and by its digests comparable. */
export interface Incoming {
  readonly key: string;
  readonly content: string;
  readonly shape: number;
  readonly sealed: Uint8Array;
}

/** By whom, with which batch and when. */
export interface Origin {
  readonly supplier: number;
  readonly seq: number;
  readonly at: string;
}

/** Current records and the changes before them. Statements run in whatever transaction is open. */
export interface Records {
  /** `sealed` is made only where it is kept. */
  upsert(
    record: Omit<Incoming, 'sealed'> & { readonly seal: () => Uint8Array },
    origin: Origin,
  ): 'inserted' | 'updated' | 'unchanged';
  /** A record that another supplier has taken over stays. */
  remove(key: string, origin: Origin): 'deleted' | 'unchanged';
  reset(origin: Origin): void;
  /** False where the key is staged already. */
  stage(record: Incoming, supplier: number): boolean;
  /** Staged rows behind `n`, in their order. */
  staged(supplier: number, n: number, limit: number): readonly (Incoming & { readonly n: number })[];
  countStaged(supplier: number): number;
  /** Keys of current records of a supplier, behind `cursor`, that are not staged. */
  missing(
    supplier: number,
    cursor: number,
    limit: number,
  ): readonly { readonly cursor: number; readonly key: string }[];
  dropStaged(supplier: number): void;
}

/** What a row takes beside its bytes, indexes included; measured. */
const ROW_BYTES = 400;

export function openRecords({ db }: Store): Records {
  const current = db.prepare<
    [string],
    { cursor: number; content: string; supplier: number; shape: number; sealed: Uint8Array }
  >('SELECT cursor, content, supplier, shape, sealed FROM change WHERE key = ? AND current = 1');
  const supersede = db.prepare('UPDATE change SET current = 0 WHERE cursor = ?');
  const takeOver = db.prepare('UPDATE change SET supplier = ? WHERE cursor = ?');
  const add = db.prepare(
    `INSERT INTO change (op, key, content, shape, sealed, supplier, seq, at, current, bytes)
     VALUES (@op, @key, @content, @shape, @sealed, @supplier, @seq, @at, @current, @bytes)`,
  );
  const grow = db.prepare('UPDATE inbox SET bytes = bytes + ?');
  const stage = db.prepare(
    'INSERT OR IGNORE INTO staged (supplier, key, content, shape, sealed, bytes) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const staged = db.prepare<[number, number, number], Incoming & { n: number }>(
    'SELECT n, key, content, shape, sealed FROM staged WHERE supplier = ? AND n > ? ORDER BY n LIMIT ?',
  );
  const countStaged = db.prepare('SELECT count(*) FROM staged WHERE supplier = ?').pluck();
  const stagedBytes = db.prepare('SELECT coalesce(sum(bytes), 0) FROM staged WHERE supplier = ?').pluck();
  const dropStaged = db.prepare('DELETE FROM staged WHERE supplier = ?');
  const missing = db.prepare<[number, number, number], { cursor: number; key: string }>(
    `SELECT cursor, key FROM change c WHERE supplier = ? AND current = 1 AND cursor > ?
     AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.supplier = c.supplier AND s.key = c.key) ORDER BY cursor LIMIT ?`,
  );

  function insert(
    op: 'upsert' | 'delete' | 'reset',
    row: { key: string | null; content: string | null; shape: number | null; sealed: Uint8Array | null },
    origin: Origin,
  ): void {
    const bytes = ROW_BYTES + (row.sealed?.length ?? 0);
    add.run({ op, ...row, ...origin, current: op === 'upsert' ? 1 : 0, bytes });
    grow.run(bytes);
  }

  return {
    upsert({ key, content, shape, seal }, origin) {
      const before = current.get(key);
      if (before?.content === content) {
        if (before.supplier !== origin.supplier) takeOver.run(origin.supplier, before.cursor);
        return 'unchanged';
      }
      if (before) supersede.run(before.cursor);
      insert('upsert', { key, content, shape, sealed: seal() }, origin);
      return before ? 'updated' : 'inserted';
    },
    remove(key, origin) {
      const before = current.get(key);
      if (before?.supplier !== origin.supplier) return 'unchanged';
      supersede.run(before.cursor);
      // the row that goes says the key; what it held is not shown again
      insert('delete', { key, content: null, shape: before.shape, sealed: before.sealed }, origin);
      return 'deleted';
    },
    reset: (origin) => insert('reset', { key: null, content: null, shape: null, sealed: null }, origin),
    stage({ key, content, shape, sealed }, supplier) {
      const bytes = ROW_BYTES + sealed.length;
      if (stage.run(supplier, key, content, shape, sealed, bytes).changes === 0) return false;
      grow.run(bytes);
      return true;
    },
    staged: (supplier, n, limit) => staged.all(supplier, n, limit),
    countStaged: (supplier) => countStaged.get(supplier) as number,
    missing: (supplier, cursor, limit) => missing.all(supplier, cursor, limit),
    dropStaged(supplier) {
      grow.run(-(stagedBytes.get(supplier) as number));
      dropStaged.run(supplier);
    },
  };
}

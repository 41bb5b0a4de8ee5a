import type { Receipt, Signed } from '@qianzhi/model';
import type { ReceiptFilter, StoredReceipt } from '../surface.js';
import type { Store } from './store.js';

export interface UnheldReceipt {
  readonly n: number;
  readonly subject: string;
  readonly document: Signed<Receipt>;
}

export interface ReceiptTable {
  /** `subject` is the name of the stream or delivery stream. False when the receipt is known. */
  insert(subject: string, digest: string, document: Signed<Receipt>, held: boolean): boolean;
  knows(id: string): boolean;
  /** Digest of the newest receipt of an issuer on a subject: the next one's `previous`. */
  newest(subject: string, issuer: string): string | null;
  /** Digests of an issuer's receipts that end at `seq`. */
  endingAt(subject: string, issuer: string, seq: number): readonly string[];
  /** Id of the first `stored` receipt that a seq is covered by. */
  covering(subject: string, seq: number): string | undefined;
  /** Oldest first; of all delivery streams but `except`. */
  unheld(limit: number, except: readonly string[]): readonly UnheldReceipt[];
  anyUnheld(subjects: readonly string[]): boolean;
  /** Highest seq of a subject whose receipt the platform holds. */
  heldUpTo(subject: string): number;
  setHeld(ns: readonly number[]): void;
  /** All receipts of a delivery stream are to be handed in again. */
  setUnheld(subject: string): void;
  list(filter: ReceiptFilter): readonly StoredReceipt[];
}

export function receiptTable({ db }: Store): ReceiptTable {
  const insert = db.prepare(`INSERT OR IGNORE INTO receipt
    (id, issuer, subject, stage, seq_from, seq_to, digest, document, held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const known = db.prepare<[string], { n: number }>('SELECT n FROM receipt WHERE id = ?');
  const newest = db.prepare<[string, string], { digest: string }>(
    'SELECT digest FROM receipt WHERE subject = ? AND issuer = ? ORDER BY n DESC LIMIT 1',
  );
  const endingAt = db.prepare<[string, string, number], { digest: string }>(
    'SELECT digest FROM receipt WHERE subject = ? AND issuer = ? AND seq_to = ?',
  );
  const covering = db
    .prepare<[string, number, number], string>(
      "SELECT id FROM receipt WHERE subject = ? AND issuer = 'platform' AND seq_to >= ? AND seq_from <= ? ORDER BY seq_to LIMIT 1",
    )
    .pluck();
  const unheld = db.prepare<[string, number], { n: number; subject: string; document: string }>(
    `SELECT n, subject, document FROM receipt WHERE held = 0
     AND subject NOT IN (SELECT value FROM json_each(?)) ORDER BY n LIMIT ?`,
  );
  const anyUnheld = db.prepare<[string], { n: number }>(
    'SELECT n FROM receipt WHERE held = 0 AND subject IN (SELECT value FROM json_each(?)) LIMIT 1',
  );
  const heldUpTo = db.prepare<[string], { seq: number | null }>(
    'SELECT max(seq_to) AS seq FROM receipt WHERE subject = ? AND held = 1',
  );
  const setHeld = db.prepare('UPDATE receipt SET held = 1 WHERE n = ?');
  const setUnheld = db.prepare('UPDATE receipt SET held = 0 WHERE subject = ?');
  const list = db.prepare<
    [Record<string, unknown>],
    { subject: string; digest: string; document: string; held: number }
  >(`SELECT subject, digest, document, held FROM receipt
    WHERE (@before IS NULL OR n < (SELECT n FROM receipt WHERE id = @before))
    AND (@name IS NULL OR subject = @name OR '/' || subject LIKE '%/' || @name || '/%') AND (@stage IS NULL OR stage = @stage)
    ORDER BY n DESC LIMIT @limit`);
  return {
    insert(subject, digest, document, held) {
      const { id, issuer, stage, seqFrom, seqTo } = document.body;
      const text = JSON.stringify(document);
      return insert.run(id, issuer, subject, stage, seqFrom, seqTo, digest, text, held ? 1 : 0).changes > 0;
    },
    knows: (id) => known.get(id) !== undefined,
    newest: (subject, issuer) => newest.get(subject, issuer)?.digest ?? null,
    endingAt: (subject, issuer, seq) => endingAt.all(subject, issuer, seq).map((row) => row.digest),
    covering: (subject, seq) => covering.get(subject, seq, seq),
    unheld: (limit, except) =>
      unheld.all(JSON.stringify(except), limit).map((row) => ({
        ...row,
        document: JSON.parse(row.document) as Signed<Receipt>,
      })),
    anyUnheld: (subjects) => anyUnheld.get(JSON.stringify(subjects)) !== undefined,
    heldUpTo: (subject) => heldUpTo.get(subject)?.seq ?? 0,
    setHeld(ns) {
      for (const n of ns) setHeld.run(n);
    },
    setUnheld: (subject) => setUnheld.run(subject),
    list: ({ name = null, stage = null, before = null, limit = 1000 }) =>
      list.all({ name, stage, before, limit }).map((row) => ({
        subject: row.subject,
        digest: row.digest,
        document: JSON.parse(row.document) as Signed<Receipt>,
        held: row.held === 1,
      })),
  };
}

import type { Receipt, Signed } from '@qianzhi/model';
import type { Store } from './store.js';

/** A file that evidence is moved into; `bytes` of it count. */
export interface EvidenceFile {
  readonly file: string;
  readonly beforeAt: string;
  readonly bytes: number;
  readonly documents: number;
}

/** Where a chain of receipts goes on whose beginning was moved into files. */
export interface ReceiptBegin {
  /** Name of the stream or delivery stream. */
  readonly subject: string;
  readonly issuer: string;
  readonly digest: string;
  readonly seqTo: number;
  readonly file: string;
}

export interface OldBatch {
  readonly resource: string;
  readonly epoch: number;
  readonly seq: number;
  readonly manifest: string;
  readonly file: string | null;
  readonly receiptedAt: string | null;
}

export interface OldReceipt {
  readonly n: number;
  readonly subject: string;
  readonly issuer: string;
  readonly digest: string;
  readonly seqTo: number;
  readonly document: string;
}

export interface EvidenceTable {
  /** The file that is being filled. */
  open(): EvidenceFile | undefined;
  has(beforeAt: string): boolean;
  put(file: EvidenceFile): void;
  close(file: string, sha256: string, at: string): void;
  /** The oldest of one epoch. */
  firstBatches(resource: string, epoch: number, limit: number): readonly OldBatch[];
  removeBatches(batches: readonly OldBatch[]): void;
  /** In their order from `n` on; those the platform holds. */
  receiptsAfter(n: number, limit: number): readonly (OldReceipt & { readonly held: number })[];
  /** Whether another receipt of the issuer on the subject came later. */
  isFollowed(receipt: OldReceipt): boolean;
  /** With what was remembered of the deliveries that they are of, and where their chains go on. */
  removeReceipts(receipts: readonly OldReceipt[], file: string): void;
  begins(name: string | undefined): readonly ReceiptBegin[];
}

export function evidenceTable({ db }: Store): EvidenceTable {
  const columns = 'file, before_at AS beforeAt, bytes, documents';
  const open = db.prepare<[], EvidenceFile>(`SELECT ${columns} FROM evidence_file WHERE closed_at IS NULL`);
  const has = db.prepare<[string], { file: string }>('SELECT file FROM evidence_file WHERE before_at = ?');
  const put =
    db.prepare(`INSERT INTO evidence_file (file, before_at, bytes, documents) VALUES (@file, @beforeAt, @bytes, @documents)
    ON CONFLICT (file) DO UPDATE SET bytes = @bytes, documents = @documents`);
  const close = db.prepare('UPDATE evidence_file SET sha256 = ?, closed_at = ? WHERE file = ?');
  const firstBatches = db.prepare<[string, number, number], OldBatch>(
    `SELECT resource, epoch, seq, manifest, file, receipted_at AS receiptedAt FROM batch
     WHERE resource = ? AND epoch = ? ORDER BY seq LIMIT ?`,
  );
  const removeBatch = db.prepare('DELETE FROM batch WHERE resource = ? AND epoch = ? AND seq = ?');
  const receiptsAfter = db.prepare<[number, number], OldReceipt & { held: number }>(
    'SELECT n, subject, issuer, digest, seq_to AS seqTo, document, held FROM receipt WHERE n > ? ORDER BY n LIMIT ?',
  );
  const followed = db.prepare<[string, string, number], { n: number }>(
    'SELECT n FROM receipt WHERE subject = ? AND issuer = ? AND n > ? LIMIT 1',
  );
  const removeReceipt = db.prepare('DELETE FROM receipt WHERE n = ?');
  const consumers = db.prepare<[string], string>('SELECT exchange FROM delivery WHERE name = ?').pluck();
  const removeApplied =
    db.prepare(`DELETE FROM applied WHERE exchange = @exchange AND name = @name AND seq <= @seqTo
    AND seq < (SELECT max(seq) FROM applied WHERE exchange = @exchange AND name = @name)`);
  const begin = db.prepare(`INSERT INTO receipt_begin (subject, issuer, digest, seq_to, file)
    VALUES (@subject, @issuer, @digest, @seqTo, @file)
    ON CONFLICT (subject, issuer) DO UPDATE SET digest = @digest, seq_to = max(seq_to, @seqTo), file = @file`);
  const begins = db.prepare<
    [{ name: string | null }],
    ReceiptBegin
  >(`SELECT subject, issuer, digest, seq_to AS seqTo, file
    FROM receipt_begin WHERE @name IS NULL OR subject = @name OR '/' || subject LIKE '%/' || @name || '/%'
    ORDER BY subject, issuer`);
  return {
    open: () => open.get(),
    has: (beforeAt) => has.get(beforeAt) !== undefined,
    put: (file) => void put.run(file),
    close: (file, sha256, at) => void close.run(sha256, at, file),
    firstBatches: (resource, epoch, limit) => firstBatches.all(resource, epoch, limit),
    removeBatches(batches) {
      for (const { resource, epoch, seq } of batches) removeBatch.run(resource, epoch, seq);
    },
    receiptsAfter: (n, limit) => receiptsAfter.all(n, limit),
    isFollowed: ({ subject, issuer, n }) => followed.get(subject, issuer, n) !== undefined,
    removeReceipts(receipts, file) {
      for (const receipt of receipts) {
        const { subject, issuer, digest, seqTo } = receipt;
        removeReceipt.run(receipt.n);
        begin.run({ subject, issuer, digest, seqTo, file });
      }
      const upTo = new Map<string, number>();
      for (const { subject, seqTo } of receipts) upTo.set(subject, Math.max(seqTo, upTo.get(subject) ?? 0));
      for (const [name, seqTo] of upTo)
        for (const exchange of consumers.all(name)) removeApplied.run({ exchange, name, seqTo });
    },
    begins: (name) => begins.all({ name: name ?? null }),
  };
}

/** When a receipt was given. */
export function issuedAt({ document }: OldReceipt): string {
  return (JSON.parse(document) as Signed<Receipt>).body.issuedAt;
}

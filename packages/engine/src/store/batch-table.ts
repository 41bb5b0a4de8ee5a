import type { BatchManifest, Signed } from '@qianzhi/model';
import { isLong, type LongCheckpoints } from './long-checkpoints.js';
import type { Store } from './store.js';

/** What stands for the file of a small batch, whose bytes are in the database. */
export const inDatabase = ':state.db';

/** One sealed batch in the outbox. `file` is `inDatabase`, or a name in its folder; null once its bytes were removed. */
export interface BatchRow {
  readonly resource: string;
  readonly epoch: number;
  readonly seq: number;
  readonly rows: number;
  readonly storedBytes: number;
  readonly rowsDigest: string;
  readonly digest: string;
  readonly manifest: Signed<BatchManifest>;
  readonly file: string | null;
  /** A long one only until the batch has its receipt. */
  readonly checkpoint: string | null;
  readonly sealedAt: string;
  readonly receiptedAt: string | null;
}

interface Raw {
  resource: string;
  epoch: number;
  seq: number;
  rows: number;
  stored_bytes: number;
  rows_digest: string;
  digest: string;
  manifest: string;
  file: string | null;
  checkpoint: string | null;
  sealed_at: string;
  receipted_at: string | null;
}

export interface Waiting {
  readonly batches: number;
  readonly bytes: number;
}

export interface BatchTable {
  /** `bytes` are kept where the batch has no file of its own. */
  insert(batch: BatchRow, bytes: Uint8Array): void;
  /** Those of a batch without a file; undefined where they are gone. */
  bytes(batch: BatchRow): Uint8Array | undefined;
  get(resource: string, epoch: number, seq: number): BatchRow | undefined;
  /** Of this batch, or of the newest before it that has one. */
  checkpointAt(resource: string, epoch: number, seq: number): string | undefined;
  /** Of those still kept. */
  firstWithCheckpoint(resource: string, epoch: number): number | undefined;
  setReceipted(resource: string, epoch: number, seq: number, at: string): void;
  /** Begins the keeping time of receipted batches after `seq` anew: they are sent once more. */
  keepAgain(resource: string, epoch: number, seq: number, at: string): void;
  /** Batches of an epoch after `seq` with bytes: what has no committed receipt, or is to be sent again. */
  waiting(resource: string, epoch: number, seq: number): Waiting;
  /** The same, one by one. */
  unsent(resource: string, epoch: number, seq: number): readonly BatchRow[];
  /** Bytes of everything without receipt. */
  unreceiptedBytes(): number;
  /** When the oldest batch without receipt of each resource was sealed. */
  oldestUnreceipted(): readonly { readonly resource: string; readonly sealedAt: string }[];
  /** Of batches that have one. */
  files(): ReadonlySet<string>;
  /** Batches with bytes, receipted before `at`, at most `limit`. */
  outdated(at: string, limit: number): readonly BatchRow[];
  /** Batches of earlier epochs, whose bytes nobody will ask for. */
  abandoned(resource: string, epoch: number): readonly BatchRow[];
  /** Forgets the bytes: those in the database with this, a file is then to be removed. */
  forgetBytes(batch: BatchRow): void;
}

export function batchTable({ db }: Store, long: LongCheckpoints): BatchTable {
  const insert = db.prepare(`INSERT INTO batch
    (resource, epoch, seq, rows, stored_bytes, rows_digest, digest, manifest, file, checkpoint, sealed_at, receipted_at)
    VALUES (@resource, @epoch, @seq, @rows, @storedBytes, @rowsDigest, @digest, @manifest, @file, @checkpoint, @sealedAt,
      @receiptedAt)`);
  const one = db.prepare<[string, number, number], Raw>(
    'SELECT * FROM batch WHERE resource = ? AND epoch = ? AND seq = ?',
  );
  const checkpointAt = db
    .prepare<[string, number, number], string>(
      `SELECT checkpoint FROM batch WHERE resource = ? AND epoch = ? AND seq <= ? AND checkpoint IS NOT NULL
       ORDER BY seq DESC LIMIT 1`,
    )
    .pluck();
  const firstWithCheckpoint = db
    .prepare<[string, number], number>(
      `SELECT seq FROM batch WHERE resource = ? AND epoch = ? AND checkpoint IS NOT NULL ORDER BY seq LIMIT 1`,
    )
    .pluck();
  const receipted = db.prepare(
    `UPDATE batch SET receipted_at = ?, checkpoint = iif(${isLong('checkpoint')}, NULL, checkpoint)
     WHERE resource = ? AND epoch = ? AND seq = ? AND receipted_at IS NULL`,
  );
  const keepAgain = db.prepare(
    'UPDATE batch SET receipted_at = ? WHERE resource = ? AND epoch = ? AND seq > ? AND receipted_at IS NOT NULL',
  );
  const waiting = db.prepare<[string, number, number], Waiting>(
    `SELECT count(*) AS batches, coalesce(sum(stored_bytes), 0) AS bytes FROM batch INDEXED BY batch_waiting
     WHERE resource = ? AND epoch = ? AND seq > ? AND file IS NOT NULL`,
  );
  const unsent = db.prepare<[string, number, number], Raw>(
    'SELECT * FROM batch WHERE resource = ? AND epoch = ? AND seq > ? AND file IS NOT NULL',
  );
  const unreceipted = db.prepare<[], { bytes: number }>(
    `SELECT coalesce(sum(stored_bytes), 0) AS bytes FROM batch INDEXED BY batch_unreceipted
     WHERE receipted_at IS NULL AND file IS NOT NULL`,
  );
  const oldest = db.prepare<[], { resource: string; sealedAt: string }>(
    `SELECT resource, min(sealed_at) AS sealedAt FROM batch WHERE receipted_at IS NULL AND file IS NOT NULL
     GROUP BY resource`,
  );
  const files = db.prepare<[], { file: string }>(
    `SELECT file FROM batch WHERE file IS NOT NULL AND file <> '${inDatabase}'`,
  );
  const insertBytes = db.prepare('INSERT INTO batch_bytes (resource, epoch, seq, bytes) VALUES (?, ?, ?, ?)');
  const bytesOf = db
    .prepare<[string, number, number], Buffer>(
      'SELECT bytes FROM batch_bytes WHERE resource = ? AND epoch = ? AND seq = ?',
    )
    .pluck();
  const forgetBytes = db.prepare('DELETE FROM batch_bytes WHERE resource = ? AND epoch = ? AND seq = ?');
  const outdated = db.prepare<[string, number], Raw>(
    'SELECT * FROM batch WHERE file IS NOT NULL AND receipted_at < ? LIMIT ?',
  );
  const abandoned = db.prepare<[string, number], Raw>(
    'SELECT * FROM batch WHERE resource = ? AND epoch < ? AND file IS NOT NULL',
  );
  const rowWith = (raw: Raw) => rowOf(raw, long);
  const forget = db.prepare('UPDATE batch SET file = NULL WHERE resource = ? AND epoch = ? AND seq = ?');
  return {
    insert(batch, bytes) {
      const checkpoint = long.keep(batch.resource, batch.checkpoint);
      insert.run({ ...batch, checkpoint, manifest: JSON.stringify(batch.manifest) });
      if (batch.file !== inDatabase) return;
      // the driver does not take memory that threads share
      insertBytes.run(batch.resource, batch.epoch, batch.seq, Buffer.from(bytes));
    },
    bytes: ({ resource, epoch, seq }) => bytesOf.get(resource, epoch, seq),
    get(resource, epoch, seq) {
      const raw = one.get(resource, epoch, seq);
      return raw && rowOf(raw, long);
    },
    checkpointAt: (resource, epoch, seq) =>
      long.read(resource, checkpointAt.get(resource, epoch, seq) ?? null) ?? undefined,
    firstWithCheckpoint: (resource, epoch) => firstWithCheckpoint.get(resource, epoch),
    setReceipted: (resource, epoch, seq, at) => void receipted.run(at, resource, epoch, seq),
    keepAgain: (resource, epoch, seq, at) => void keepAgain.run(at, resource, epoch, seq),
    waiting: (resource, epoch, seq) => waiting.get(resource, epoch, seq) ?? { batches: 0, bytes: 0 },
    unsent: (resource, epoch, seq) => unsent.all(resource, epoch, seq).map(rowWith),
    unreceiptedBytes: () => unreceipted.get()?.bytes ?? 0,
    oldestUnreceipted: () => oldest.all(),
    files: () => new Set(files.all().map((row) => row.file)),
    outdated: (at, limit) => outdated.all(at, limit).map(rowWith),
    abandoned: (resource, epoch) => abandoned.all(resource, epoch).map(rowWith),
    forgetBytes({ resource, epoch, seq, file }) {
      forget.run(resource, epoch, seq);
      if (file === inDatabase) forgetBytes.run(resource, epoch, seq);
    },
  };
}

function rowOf(raw: Raw, long: LongCheckpoints): BatchRow {
  return {
    resource: raw.resource,
    epoch: raw.epoch,
    seq: raw.seq,
    rows: raw.rows,
    storedBytes: raw.stored_bytes,
    rowsDigest: raw.rows_digest,
    digest: raw.digest,
    manifest: JSON.parse(raw.manifest) as Signed<BatchManifest>,
    file: raw.file,
    get checkpoint() {
      return long.read(raw.resource, raw.checkpoint);
    },
    sealedAt: raw.sealed_at,
    receiptedAt: raw.receipted_at,
  };
}

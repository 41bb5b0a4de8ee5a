import type { ApplyCounts, CatalogResource, DeliveryStream, FilePart, SnapshotPart } from '@qianzhi/model';
import type { WriteMode } from './capabilities.js';
import type { RowRejection } from './rejection.js';
import type { Source } from './source.js';

/**
 * One delivered batch, verified and decompressed: `bytes` is row text with the fields of `resource`, to be read until
 * `write` settles and not after it.
 */
export interface SinkBatch {
  readonly delivery: DeliveryStream;
  readonly seq: number;
  readonly kind: 'snapshot' | 'delta';
  readonly snapshot?: SnapshotPart;
  /** The granted items, in field order, at the batch's schema version. */
  readonly resource: CatalogResource;
  readonly rowsDigest: string;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/**
 * One delivered part of a file, verified and decompressed, to be read until `write` settles and not after it. `rows` is 1 for
 * the file's last part, else 0.
 */
export interface SinkFilePart {
  readonly delivery: DeliveryStream;
  readonly seq: number;
  readonly kind: 'files';
  readonly file: FilePart;
  readonly resource: CatalogResource;
  readonly rowsDigest: string;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** One delivery of several whole files, each proven: `bytes` holds theirs, one behind the other. To be read until `writeWhole` settles. */
export interface SinkWholeFiles {
  readonly delivery: DeliveryStream;
  readonly seq: number;
  readonly kind: 'whole-files';
  readonly files: readonly FilePart[];
  readonly resource: CatalogResource;
  readonly rowsDigest: string;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/**
 * What the target's ledger holds of one batch: written in the same transaction as the rows, and the only thing a
 * receipt is made from. `snapshotId` is set while parts wait; `stage` staged until the swap or merge of the last.
 */
export interface LedgerRow {
  readonly exchange: string;
  readonly delivery: DeliveryStream;
  readonly seq: number;
  readonly rowsDigest: string;
  readonly stage: 'staged' | 'applied';
  readonly snapshotId: string | null;
  /** For the last part of a snapshot: of the whole snapshot; for staged parts only `delivered` and `rejected`. */
  readonly counts: ApplyCounts;
  /** Of files, sizes of those that ended with this delivery; 0 while one is staged. Absent for rows. */
  readonly bytes?: number;
  readonly committedAt: string;
}

/**
 * Called with rows the target refused, before the transaction that leaves them out commits; resolves when they
 * are durable in quarantine. Throws when the exchange's reject limit is passed: the sink then rolls back.
 */
export type OnRejected = (rows: readonly RowRejection[], signal: AbortSignal) => Promise<void>;

/** A part whose rows are in the target's shadow table, in a transaction of its own that is still open. */
export interface LoadedPart extends AsyncDisposable {
  /**
   * The part's turn: `write` or `commit` of the part before has answered. What `write` would do beyond the loading follows
   * now, in the same transaction: checks that need the ledger of the parts before, rows that the target refused, ledger
   * row, COMMIT. Called once.
   */
  commit(onRejected: OnRejected): Promise<LedgerRow>;
  /** Rolls back what is not committed. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Loads parts of one snapshot side by side: all but its first, which makes the place for the others, and its last, which
 * needs them all. Target, ledger and rejected rows are those that `write` would have left, part by part.
 */
export interface PartLoader {
  /** So many may be loaded and not yet committed, in the order of their parts. */
  readonly atOnce: number;
  /**
   * Brings in what can be brought in before the part's turn and resolves then; the rest is left to `commit`. Nothing of it
   * shows, counts or reaches a quarantine before. It may wait until the part before is committed or disposed, where the
   * target has no room for both. `signal` and `batch.bytes` are in use until the part is committed or disposed. Throws
   * what `write` would.
   */
  load(batch: SinkBatch, signal: AbortSignal): Promise<LoadedPart>;
}

/** What a target says of itself, whatever it holds. */
export interface TargetLedger {
  /** The newest ledger row of a delivery stream; `undefined` before the first. Says where to go on after a start. */
  ledgerHead(delivery: DeliveryStream, signal: AbortSignal): Promise<LedgerRow | undefined>;
  /** Ledger rows after `seq`, in order, at most `limit`: for receipts lost by a crash. */
  ledgerAfter(
    delivery: DeliveryStream,
    seq: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly LedgerRow[]>;
  /** Erases staged parts of a snapshot or file (aborted, restarted or revoked) and their ledger rows. */
  discardStaged(delivery: DeliveryStream, signal: AbortSignal): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One exchange's target table. One `write` at a time. */
export interface Sink extends TargetLedger {
  /** Where parts can be loaded side by side. `write` and `discardStaged` roll back what is loaded and not committed. */
  readonly parts?: PartLoader;
  /**
   * Applies one batch: rows and ledger row in one target transaction. Writing the same seq with the same
   * rowsDigest again changes nothing and answers the ledger row of the first time; with another digest it throws
   * QZ_..._LEDGER_CONFLICT (integrity). Rows the target refuses are isolated by bisecting and given to `onRejected`.
   * A snapshot part is loaded into the shadow table and answers `staged`; the last part puts the whole in place
   * (swap where possible, else merge and delete of what the supplier no longer has) and answers `applied`.
   * A delta skips rows that are equal already (`unchanged`).
   */
  write(batch: SinkBatch, onRejected: OnRejected, signal: AbortSignal): Promise<LedgerRow>;
}

/** One exchange's target of files. One `write` at a time. */
export interface FileSink extends TargetLedger {
  /**
   * Takes one part. All but a file's last are written, durable and out of sight when it answers `staged` (snapshotId null); the
   * last one answers `applied` when the whole is proven by its size and digest and has its name, in place of what had it before.
   * A part with `file.removed` takes the file of its name away, or aside, as the target says, and answers `applied`: deleted, or
   * unchanged where there was none or it stays.
   * Its counts are of one file: inserted, updated, unchanged (the same content was there), or rejected where a file of that name
   * cannot be (`onRejected` first, with the name as bytes). Repeats are as with rows. Parts of another file void those before.
   * A whole whose digest is another throws an integrity error, and what was staged of it is discarded, to be delivered anew;
   * staged parts that got lost are discarded when the sink opens.
   */
  write(part: SinkFilePart, onRejected: OnRejected, signal: AbortSignal): Promise<LedgerRow>;
  /**
   * Takes several whole files at once: all are durable and have their names when it answers `applied`, and before the ledger row is
   * committed none has. One with `file.removed` is taken away first, as with parts. Counts are over all of them; one that cannot be there is rejected, with its place in `files` as row, and the others
   * go on. Repeats are as with parts. Left out, each file comes as parts.
   */
  writeWhole?(files: SinkWholeFiles, onRejected: OnRejected, signal: AbortSignal): Promise<LedgerRow>;
}

export interface SinkSpec {
  /** Name of the exchange in the local config: part of every ledger row. */
  readonly exchange: string;
  readonly resource: CatalogResource;
  /** The exchange's `target` from the local config, checked against the connector's `targetSchema`. */
  readonly target: unknown;
  readonly write?: WriteMode;
  /** Delivery streams of this exchange whose grants have ended: the next one may take over the table they fed. */
  readonly ended?: readonly DeliveryStream[];
}

export interface ReadBackSpec extends SinkSpec {
  /** Any of the supplier's: its agreement, resource and agent say whose rows are meant where several feed a table. */
  readonly delivery: DeliveryStream;
}

export interface ReadBack {
  /** Strategy `snapshot`, in the field order of the spec's resource. The reader disposes it. */
  readonly source: Source;
  /**
   * By item column, catalog code → value in the target (null for NULL): of these items the source gives the target's own text, not
   * the code.
   */
  readonly codes: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  /** By its config this target keeps '' as NULL, although the capabilities tell them apart. */
  readonly emptyIsNull?: boolean;
}

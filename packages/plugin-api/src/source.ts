import type { CatalogResource, FilePart, ReadStrategy } from '@qianzhi/model';
import type { RowRejection } from './rejection.js';

/**
 * Where a source is: opaque, versioned, JSON text owned by the source. The engine stores it and never
 * looks inside; it never leaves the agent. `undefined` means from the beginning.
 */
export type Checkpoint = string;

export interface ReadLimits {
  /** Aim for the size of one block of row text, in bytes; a block may be one row larger. The most of one piece of a file. */
  readonly blockBytes: number;
  /**
   * Of strategy `files`: so many whole files, of so many bytes together, may come in one block. Left out, each comes in parts of its
   * own, because whoever gets them takes no others.
   */
  readonly wholeFiles?: { readonly files: number; readonly bytes: number };
  /** Stop after about this many rows and end the read; the next read goes on from the checkpoint. */
  readonly maxRows?: number;
  /**
   * Only where the source `follows`: the read stays open where there is no more and gives what is committed later as soon as
   * it can, until this signal fires; then it ends with what was committed before, like a read without it. `confirm` may come at any
   * time meanwhile.
   */
  readonly follow?: AbortSignal;
}

/**
 * Whole rows of row text in the resource's field order, each starting with its op.
 * `phase` snapshot: op S, a full copy; delta: ops U and D. The last block of a snapshot says `lastOfSnapshot`
 * (it may hold no rows, and does for an empty table). `restart` on the first block of a read means that an
 * unfinished snapshot cannot go on (its view of the source is gone): parts already sent of it are void.
 * `bytes` belong to the reader from then on: the source never writes into them again, or not before `release`.
 */
export interface RowsBlock {
  readonly kind: 'rows';
  readonly phase: 'snapshot' | 'delta';
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** Rows re-read by an overlap window and left out, because an earlier block carried them unchanged. */
  readonly repeated: number;
  /**
   * Called at most once, when nobody looks at `bytes` any more: the source may use their memory again. The reader may
   * also never call it.
   */
  readonly release?: () => void;
  /**
   * Where row `row` (from 0) of `bytes` stands at the source, for a person who corrects it: `town.csv:17`, never a value of the
   * row. Asked of refused rows alone, before `release`; left out where there is no such place.
   */
  readonly placeOf?: (row: number) => string;
  /** Rows the source itself could not put into row text (invalid UTF-8, U+0000, larger than a row may be). */
  readonly rejected: readonly RowRejection[];
  readonly lastOfSnapshot?: boolean;
  readonly restart?: boolean;
  /** Where to go on after this block: holds for everything up to and including it. */
  readonly checkpoint: Checkpoint;
}

/**
 * A piece of a file, as strategy `files` reads it: pieces of one file come in order and unmixed, each of at most
 * `ReadLimits.blockBytes`; an empty file is one empty piece. A file that changes or goes while it is read is given up: the next
 * block begins another one at offset 0, or it again. Never a file that is still being written. A file that was read to its end and is
 * gone may be told as one empty piece with `file.removed`.
 */
export interface FilePartBlock {
  readonly kind: 'file-part';
  /** Which file, and the offset of `bytes` in it; a file of this name is carried (`fileNameProblem`). */
  readonly file: FilePart;
  readonly bytes: Uint8Array;
  /** As `RowsBlock.release`. */
  readonly release?: () => void;
  readonly checkpoint: Checkpoint;
}

/**
 * Several whole files that wait together, in their order: at most what `ReadLimits.wholeFiles` says, and none is waited for. `bytes`
 * holds theirs, one behind the other; each is as long as its size and has its digest. Files that are gone may be among them, with
 * `file.removed`. No two have one name but for letter case.
 */
export interface WholeFilesBlock {
  readonly kind: 'whole-files';
  readonly files: readonly FilePart[];
  readonly bytes: Uint8Array;
  /** As `RowsBlock.release`. */
  readonly release?: () => void;
  readonly checkpoint: Checkpoint;
}

export type SourceBlock = RowsBlock | FilePartBlock | WholeFilesBlock;

/** Rows the strategy knows it cannot read in order: alarmed, never silently left out. */
export interface SourceNotice {
  readonly code: string;
  readonly rows: number;
  readonly details: Readonly<Record<string, string | number>>;
}

/**
 * How the table is made that the items come from. Values keep their types only as long as this stays: the engine compares it
 * with what it was when the stream began and pauses where it differs.
 */
export interface SourceShape {
  /** Items that come from a column, with the column's type as the database names it, length and scale included. */
  readonly columns: readonly { readonly item: string; readonly type: string }[];
  /** Columns of the primary key in key order; empty without one. */
  readonly key: readonly string[];
}

/** The platform's newest receipt on a stream: everything confirmed lies in its batches up to `seq`. */
export interface HeldBy {
  readonly agent: string;
  readonly epoch: number;
  readonly seq: number;
  /** Id of the receipt, as `qianzhi receipt list` shows it. */
  readonly receipt: string;
}

/** One resource as read by one exchange. Not for concurrent use: one `read` at a time. */
export interface Source {
  /** Given by every source that can tell; drift of a table goes unnoticed otherwise, as long as each value still fits. */
  readonly shape?: SourceShape;
  /** It knows `ReadLimits.follow`; any other is read again and again instead. */
  readonly follows?: boolean;
  /**
   * Reads from `checkpoint` on. Guarantees: every row committed before the read began and not yet covered by the
   * checkpoint is in some block; a block's bytes are valid row text; the iterator ends when the source has
   * no more for now. Throws QianzhiError by the driver's classification; `signal` ends it with kind cancelled
   * within a second and releases cursor and transaction.
   */
  read(
    checkpoint: Checkpoint | undefined,
    limits: ReadLimits,
    signal: AbortSignal,
  ): AsyncIterable<SourceBlock>;
  /**
   * Says that everything up to `checkpoint` has a durable receipt. Called after the receipt, never before, and again
   * after a crash: repeating it is harmless. Here a flag is set back, a slot advanced, a change table purged. `held` says by which
   * receipt; it stands last, because few sources tell anybody.
   */
  confirm(checkpoint: Checkpoint, signal: AbortSignal, held?: HeldBy): Promise<void>;
  /** What was counted and alarmed during the reads so far (future or NULL times); empty when all is well. */
  notices(): readonly SourceNotice[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a connector gets to open a source: the catalog entry and the exchange's own part of the config. */
export interface SourceSpec {
  readonly resource: CatalogResource;
  readonly strategy: Exclude<ReadStrategy, 'diff'>;
  /** The exchange's `source` from the local config, checked against the connector's `sourceSchema`. */
  readonly source: unknown;
  /** Only with strategy `log`: one reader of the log may serve all of the connector's resources. Left out, it stands alone. */
  readonly alongside?: Alongside;
}

/** What sources of one connector that follow its log have in common: at the database they may share whatever keeps it for them. */
export interface Alongside {
  /** The same for all of them in one agent, and in no other agent: what they share is named by it. */
  readonly name: string;
  /** The others as they are configured now, running or not; one taken out of the config is no longer told, and holds nothing. */
  readonly others: () => readonly AlongsideSource[];
}

export interface AlongsideSource {
  readonly resource: string;
  /** As `SourceSpec.source`. */
  readonly source: unknown;
  /** Before it everything has its receipt; where nothing has yet, where its next read begins. Undefined: it begins anew. */
  readonly checkpoint: Checkpoint | undefined;
}

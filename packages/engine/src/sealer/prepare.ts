import { randomUUID } from 'node:crypto';
import { type CatalogResource, filePartText, keyItems } from '@qianzhi/model';
import { foldRows, type RowsAbout, returnBytes, rowOffsets, sealRows } from '@qianzhi/rows';
import type { Core } from '../core.js';
import type { DurableFolder } from '../files/durable-folder.js';
import { type Cut, isOfFiles } from './block.js';

interface SealedPiece {
  readonly stored: Uint8Array;
  readonly rows: number;
  readonly rawBytes: number;
  readonly rowsDigest: string;
  readonly bytesDigest: string;
}

/**
 * The bytes of one batch, written under a partial name and fsynced; it has no sequence yet. Those of a small one have no file: they go
 * with its manifest into the database.
 */
export interface PreparedBatch extends SealedPiece {
  readonly file: string | undefined;
}

export interface Prepared {
  readonly cut: Cut;
  readonly batches: readonly PreparedBatch[];
  /** Rows of the cut left out, because a later one has the same key. */
  readonly folded: number;
}

/**
 * Folds, digests, compresses (off the event loop) and writes a cut. Several cuts may be prepared at a time; what
 * gives them their order is the commit.
 */
export async function prepareCut(
  core: Core,
  folder: DurableFolder,
  resource: CatalogResource,
  cut: Cut,
): Promise<Prepared> {
  const gathered = cut.memory.subarray(0, cut.rawBytes);
  const { bytes, rows, folded } =
    cut.phase === 'delta'
      ? foldRows(gathered, keyFieldsOf(resource))
      : { bytes: gathered, rows: cut.rows, folded: 0 };
  const part = cut.file && filePartText(cut.file);
  const { listBytes } = cut;
  const about = { kind: cut.phase, schemaVersion: resource.schemaVersion, part, listBytes };
  const sealed: SealedPiece[] = [];
  const pieces = isOfFiles(cut) ? [{ bytes, rows }] : withinLimits(core, bytes, rows);
  for (const piece of pieces) sealed.push(...(await sealPiece(core, about, piece)));
  // before the disk is waited for: raw rows are the most of what is held
  cut.release();
  const batches: PreparedBatch[] = [];
  for (const piece of sealed) {
    const small = piece.stored.length < core.limits.outboxFileFromBytes;
    const file = small ? undefined : `${resource.code}/${randomUUID()}.zst`;
    if (file) await folder.writePartial(file, piece.stored);
    batches.push({ ...piece, file });
  }
  core.failpoint('seal:file-written');
  return { cut, batches, folded };
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly rows: number;
}

async function sealPiece(core: Core, about: RowsAbout, piece: Piece): Promise<SealedPiece[]> {
  const { stored, rowsDigest, bytesDigest } = await sealRows(piece.bytes, about, core.suite);
  if (about.kind !== 'files' && stored.length > core.limits.batchStoredBytes && piece.rows > 1) {
    returnBytes(stored);
    const halves: SealedPiece[] = [];
    for (const half of split(piece, Math.ceil(piece.rows / 2), piece.bytes.length)) {
      halves.push(...(await sealPiece(core, about, half)));
    }
    return halves;
  }
  return [{ stored, rows: piece.rows, rawBytes: piece.bytes.length, rowsDigest, bytesDigest }];
}

/** Cuts are made at block ends; only a source that gives very large blocks is split here. */
function withinLimits(core: Core, bytes: Uint8Array, rows: number): readonly Piece[] {
  const { batchRawBytes, batchRows } = core.limits;
  if (bytes.length <= batchRawBytes && rows <= batchRows) return [{ bytes, rows }];
  return split({ bytes, rows }, batchRows, batchRawBytes);
}

/** Pieces of at most so many rows and bytes; a row is never cut. */
function split({ bytes, rows }: Piece, maxRows: number, maxBytes: number): readonly Piece[] {
  const offsets = rowOffsets(bytes);
  const pieces: Piece[] = [];
  for (let first = 0; first < rows; ) {
    let end = first + 1;
    while (end < rows && end - first < maxRows && offsets[end + 1]! - offsets[first]! <= maxBytes) end++;
    pieces.push({ bytes: bytes.subarray(offsets[first], offsets[end]), rows: end - first });
    first = end;
  }
  return pieces;
}

/** Positions of the key items among the items, rising. */
export function keyFieldsOf(resource: CatalogResource): readonly number[] {
  const keys = new Set(keyItems(resource));
  return resource.items.flatMap((item, index) => (keys.has(item) ? [index] : []));
}

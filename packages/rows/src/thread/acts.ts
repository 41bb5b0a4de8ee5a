import type { FilePart } from '@qianzhi/model';
import type { SignatureSuite } from '@qianzhi/model/crypto';
import { bytesDigest, type RowsAbout, rowsDigest, startRowsDigest } from '../digest.js';
import { type RowCounts, scanRows } from '../scan.js';
import { copyPieces } from '../views.js';
import { provenFiles } from '../whole-files.js';
import { compressOrKeep, compressToPieces, type FrameContent, openFrame, ownContent } from '../zstd/codec.js';
import type { RowsClaim, RowsDiffer } from './protocol.js';

/** What is done with a batch's bytes, on whichever thread. It imports little: a thread that only does this stays small. */
export async function seal(raw: Uint8Array, about: RowsAbout, suite: SignatureSuite) {
  const compressing = about.kind === 'files' ? compressOrKeep(raw) : compressToPieces(raw);
  const digest = rowsDigest(about, raw, suite);
  const pieces = await compressing;
  return {
    rowsDigest: digest,
    storedBytes: pieces.reduce((sum, piece) => sum + piece.length, 0),
    /** Puts the frame into memory of that size and answers its digest. */
    writeInto(stored: Uint8Array): string {
      copyPieces(stored, pieces);
      return bytesDigest(stored, suite);
    },
  };
}

const noRows: RowCounts = { rows: 0, snapshots: 0, upserts: 0, deletes: 0 };

export interface Opened {
  readonly counts: RowCounts;
  readonly content: FrameContent;
  /** Of whole files: those of the list, each proven by its digest. */
  readonly files?: readonly FilePart[];
}

/** In this order: a frame is not opened before its bytes are those of the claim, rows not scanned before theirs are. */
export async function open(
  stored: Uint8Array,
  claim: RowsClaim,
  suite: SignatureSuite,
): Promise<RowsDiffer | Opened> {
  const proven = claim.provenDigest === claim.bytesDigest;
  if (!proven && bytesDigest(stored, suite) !== claim.bytesDigest) return { differs: 'bytes' };
  const content = await openFrame(stored, claim);
  if (claim.listBytes !== undefined) {
    const files = provenFiles(content.pieces, claim.listBytes, claim, suite);
    return files ? { counts: noRows, content, files } : { differs: 'rows' };
  }
  const digest = startRowsDigest(claim, suite);
  for (const piece of content.pieces) digest.update(piece);
  if (digest.digest() !== claim.rowsDigest) return { differs: 'rows' };
  // a part of a file may hold any bytes
  if (claim.kind === 'files') return { counts: noRows, content };
  const raw = ownContent(content);
  return { counts: scanRows(raw, claim.fields), content: { pieces: [raw], views: false } };
}

import type { SignatureSuite } from '@qianzhi/model/crypto';
import { bytesDigest, type RowsAbout, rowsDigest } from '../digest.js';
import { type RowCounts, scanRows } from '../scan.js';
import { copyBytes } from '../views.js';
import { compressToPieces, decompress } from '../zstd/codec.js';
import type { RowsClaim, RowsDiffer } from './protocol.js';

/** What is done with a batch's bytes, on whichever thread. It imports little: a thread that only does this stays small. */
export async function seal(raw: Uint8Array, about: RowsAbout, suite: SignatureSuite) {
  const compressing = compressToPieces(raw);
  const digest = rowsDigest(about, raw, suite);
  const pieces = await compressing;
  return {
    rowsDigest: digest,
    storedBytes: pieces.reduce((sum, piece) => sum + piece.length, 0),
    /** Puts the frame into memory of that size and answers its digest. */
    writeInto(stored: Uint8Array): string {
      let at = 0;
      for (const piece of pieces) {
        copyBytes(stored, at, piece);
        at += piece.length;
      }
      return bytesDigest(stored, suite);
    },
  };
}

const noRows: RowCounts = { rows: 0, snapshots: 0, upserts: 0, deletes: 0 };

/** In this order: a frame is not opened before its bytes are those of the claim, rows not scanned before theirs are. */
export async function open(
  stored: Uint8Array,
  claim: RowsClaim,
  suite: SignatureSuite,
): Promise<RowsDiffer | { readonly counts: RowCounts; readonly raw: Uint8Array }> {
  const proven = claim.provenDigest === claim.bytesDigest;
  if (!proven && bytesDigest(stored, suite) !== claim.bytesDigest) return { differs: 'bytes' };
  const raw = await decompress(stored, claim);
  if (rowsDigest(claim, raw, suite) !== claim.rowsDigest) return { differs: 'rows' };
  // a part of a file may hold any bytes
  return { counts: claim.kind === 'files' ? noRows : scanRows(raw, claim.fields), raw };
}

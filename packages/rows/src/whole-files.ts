import { createHash } from 'node:crypto';
import type { FilePart } from '@qianzhi/model';
import type { SignatureSuite } from '@qianzhi/model/crypto';
import { readFileList } from '@qianzhi/model/file-list';
import { type RowsAbout, rowsDigest } from './digest.js';

/**
 * The files of a list whose digest is `rowsDigest`, if the content behind it is theirs to the last byte: each has the size and the
 * SHA-256 that the list says. Undefined where anything differs.
 */
export function provenFiles(
  pieces: readonly Uint8Array[],
  listBytes: number,
  claim: RowsAbout & { readonly rowsDigest: string },
  suite: SignatureSuite,
): readonly FilePart[] | undefined {
  const content = reader(pieces);
  const list = Buffer.concat([...content.next(listBytes)]);
  if (rowsDigest(claim, list, suite) !== claim.rowsDigest) return undefined;
  const files = readFileList(list);
  if (!files?.every(({ size, digest }) => digestOf(content.next(size)) === digest)) return undefined;
  return content.left() === 0 ? files : undefined;
}

function digestOf(pieces: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return `sha-256:${hash.digest('base64url')}`;
}

/** Gives so many bytes after the other, as they lie; fewer where there are no more. */
function reader(pieces: readonly Uint8Array[]) {
  let piece = 0;
  let at = 0;
  return {
    *next(bytes: number): Generator<Uint8Array> {
      for (let wanted = bytes; wanted > 0 && piece < pieces.length; ) {
        const found = pieces[piece]!.subarray(at, at + wanted);
        yield found;
        wanted -= found.length;
        at += found.length;
        if (at === pieces[piece]!.length) {
          piece++;
          at = 0;
        }
      }
    },
    left: () => pieces.slice(piece).reduce((sum, one) => sum + one.length, 0) - at,
  };
}

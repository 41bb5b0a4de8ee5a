import { intlSuite, type SignatureSuite } from '@qianzhi/model/crypto';
import type { RowsAbout } from './digest.js';
import { rowLimits } from './limits.js';
import { open, seal } from './thread/acts.js';
import { LENT_FROM_BYTES, lendBytes, returnBytes } from './thread/lent-bytes.js';
import type { OpenedRows, RowsClaim, RowsDiffer } from './thread/protocol.js';
import { inThread } from './thread/thread.js';
import { ownContent } from './zstd/codec.js';

/** Below this the way to the thread and back costs more than it saves. */
const THREAD_FROM_BYTES = 1024 * 1024;
/**
 * How well rows compress: the next batch is like the last one, with a little room. What needs more all the same gets
 * memory of its own.
 */
let expectedRatio = 1.6;
const ROOM = 1.05;

export interface SealedRows {
  /** One zstd frame, as `compress` makes it. The caller may hand it to `returnBytes` once nobody looks at it any more. */
  readonly stored: Uint8Array;
  readonly rowsDigest: string;
  readonly bytesDigest: string;
}

/** Compresses row text and makes both digests, in one go and, where it is large, on the row thread. */
export async function sealRows(
  raw: Uint8Array,
  about: RowsAbout,
  suite: SignatureSuite = intlSuite,
): Promise<SealedRows> {
  if (raw.length < THREAD_FROM_BYTES) {
    const { storedBytes, rowsDigest, writeInto } = await seal(raw, about, suite);
    const stored = Buffer.allocUnsafeSlow(storedBytes);
    return { stored, rowsDigest, bytesDigest: writeInto(stored) };
  }
  const expected = Math.ceil((raw.length / expectedRatio) * ROOM);
  return lending(Math.max(expected, LENT_FROM_BYTES), async (take) => {
    const request = { act: 'seal', raw, about, suite: suite.name } as const;
    let into!: Uint8Array;
    const answer = await inThread<'seal'>(() => {
      into = take();
      return { ...request, into };
    });
    const { storedBytes, stored = into.subarray(0, storedBytes), rowsDigest, bytesDigest } = answer;
    expectedRatio = raw.length / storedBytes;
    if (answer.stored) returnBytes(into);
    return { stored, rowsDigest, bytesDigest };
  });
}

/**
 * Proves stored bytes against what a manifest claims of them: bytes digest, frame, rows digest, and every row's form.
 * Throws QZ_ROWS_FRAME and QZ_ROWS_MALFORMED as `decompress` and `scanRows` do. Where it is large, on the row thread.
 */
export async function checkRows(
  stored: Uint8Array,
  claim: RowsClaim,
  suite: SignatureSuite = intlSuite,
): Promise<RowsDiffer | OpenedRows> {
  if (claim.rawBytes < THREAD_FROM_BYTES) {
    const opened = await open(stored, claim, suite);
    return 'differs' in opened ? opened : { counts: opened.counts, files: opened.files };
  }
  return inThread<'open'>(() => ({ act: 'open', stored, claim, suite: suite.name, into: undefined }));
}

/** The same, and answers the rows: `raw` may be handed to `returnBytes` once nobody looks at it any more. */
export async function openRows(
  stored: Uint8Array,
  claim: RowsClaim,
  suite: SignatureSuite = intlSuite,
): Promise<RowsDiffer | (OpenedRows & { readonly raw: Uint8Array })> {
  if (claim.rawBytes < THREAD_FROM_BYTES) {
    const opened = await open(stored, claim, suite);
    if ('differs' in opened) return opened;
    const { counts, files, content } = opened;
    return { counts, files, raw: ownContent(content) };
  }
  // more than the cap is refused before a byte is written
  const most = Math.min(claim.rawBytes, claim.maxRawBytes ?? rowLimits.batchRawBytes);
  return lending(most, async (take) => {
    let raw!: Uint8Array;
    const answer = await inThread<'open'>(() => {
      raw = take();
      return { act: 'open', stored, claim, suite: suite.name, into: raw };
    });
    if ('counts' in answer) return { ...answer, raw };
    returnBytes(raw);
    return answer;
  });
}

/** Memory taken for `work` goes back when it fails. */
async function lending<T>(bytes: number, work: (take: () => Uint8Array) => Promise<T>): Promise<T> {
  let taken: Uint8Array | undefined;
  try {
    return await work(() => {
      taken = lendBytes(bytes);
      return taken;
    });
  } catch (error) {
    if (taken) returnBytes(taken);
    throw error;
  }
}

import {
  type BatchManifest,
  type DeliveryStream,
  filePartText,
  type Signed,
  type WholeFile,
  withContent,
} from '@qianzhi/model';
import { bytesDigest, openRows, plainFrame, returnBytes, rowsDigest } from '@qianzhi/rows';
import { aboutDelivery, aboutStream } from '../about.js';
import type { BatchRow } from '../batch-table.js';
import { readBytes } from '../byte-index.js';
import { exchangeErrors } from '../errors.js';
import type { ExchangeParts } from '../parts.js';
import { damagedDelivery } from './damaged.js';
import type { ProvenBytes } from './delivery-bytes.js';
import { type DeliveryStreamRow, findPlaced } from './delivery-table.js';
import type { Asking } from './grants.js';
import { signProjection } from './projection.js';

/**
 * What is delivered of a batch of files where that is not the provider's own batch; undefined where it is. Who takes no several
 * whole files in one delivery gets each as the one part it would have been alone. Behind such a delivery all are of the platform's
 * hand: a consumer goes by the manifest before, and would miss the provider's chain. None has bytes of its own.
 */
export async function filesShown(
  { context: { db, signingKey, now }, store }: ExchangeParts,
  { wholeFiles }: Asking,
  log: DeliveryStreamRow,
  delivery: DeliveryStream,
  source: BatchRow,
): Promise<readonly Signed<BatchManifest>[] | undefined> {
  const { body }: Signed<BatchManifest> = JSON.parse(source.manifest);
  if (body.kind !== 'files') return undefined;
  const at = now().toISOString();
  if (wholeFiles || !body.wholeFiles) {
    const before = await findPlaced(db, delivery, log.seq);
    return before?.projected ? [signProjection(body, delivery, shownOf(body), signingKey, at)] : undefined;
  }
  if (source.bytes_id === null)
    throw exchangeErrors.DELIVERY_EXPIRED({ ...aboutDelivery(delivery), seq: log.seq + 1 });
  const stored = await readBytes(db, store, source.bytes_id).catch((error) => {
    throw damagedDelivery(delivery, log.seq + 1, error);
  });
  return withFiles(stored, body, (files) =>
    files.map(({ file, content }) => {
      const bytes = frameOf(content);
      const shown = {
        file,
        rows: 1,
        rawBytes: content.length,
        storedBytes: bytes.length,
        rowsDigest: rowsDigest({ ...body, part: filePartText(file), listBytes: undefined }, content),
        bytesDigest: bytesDigest(bytes),
      };
      return signProjection(body, delivery, shown, signingKey, at);
    }),
  );
}

/** Reads the bytes of such a delivery: those of its batch, or of the one file among them. */
export type ReadFilesShown = (
  bytesId: string,
  read: () => Promise<ProvenBytes>,
  source: BatchManifest,
  shown: BatchManifest,
) => Promise<ProvenBytes>;

/** The files of a batch are asked for one after another: of the one that was opened last they are kept, of no other. */
export function createFilesShown(): ReadFilesShown {
  let last: { readonly bytesId: string; readonly frames: ReadonlyMap<string, Uint8Array> } | undefined;
  return async (bytesId, read, source, shown) => {
    if (!source.wholeFiles || shown.wholeFiles) return read();
    let opened = last;
    if (opened?.bytesId !== bytesId) {
      const frames = await withFiles(
        await read(),
        source,
        (files) => new Map(files.map(({ file, content }) => [file.name, frameOf(content)])),
      );
      opened = { bytesId, frames };
      last = opened;
    }
    return { bytes: opened.frames.get(shown.file!.name)!, digest: shown.bytesDigest };
  };
}

/** Throws QZ_PLATFORM_ROWS_DIFFER for bytes that are not those of the manifest, though they were when they were stored. */
async function withFiles<T>(
  { bytes: stored, digest: provenDigest }: ProvenBytes,
  { kind, schemaVersion, wholeFiles, rawBytes, rowsDigest, bytesDigest, stream, seq }: BatchManifest,
  work: (files: readonly WholeFile[]) => T,
): Promise<T> {
  const { listBytes } = wholeFiles!;
  const digests = { rowsDigest, bytesDigest, provenDigest };
  const opened = await openRows(stored, { kind, schemaVersion, listBytes, rawBytes, ...digests, fields: 1 });
  returnBytes(stored);
  if ('differs' in opened) throw exchangeErrors.ROWS_DIFFER({ ...aboutStream(stream), seq });
  try {
    return work(withContent(opened.files!, opened.raw.subarray(listBytes)));
  } finally {
    returnBytes(opened.raw);
  }
}

/** Not compressed: the same bytes whenever they are asked for, whichever library is here by then. */
function frameOf(content: Uint8Array): Uint8Array {
  return Buffer.concat([...plainFrame(content)]);
}

function shownOf({ file, wholeFiles, rows, rawBytes, storedBytes, rowsDigest, bytesDigest }: BatchManifest) {
  return {
    ...(file && { file }),
    ...(wholeFiles && { wholeFiles }),
    rows,
    rawBytes,
    storedBytes,
    rowsDigest,
    bytesDigest,
  };
}

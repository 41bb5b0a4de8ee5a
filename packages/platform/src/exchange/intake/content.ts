import { type BatchManifest, type CatalogResource, filePartText, wholeFilesProblem } from '@qianzhi/model';
import { checkRows, type RowCounts, rowLimits } from '@qianzhi/rows';
import { aboutStream } from '../about.js';
import { exchangeErrors } from '../errors.js';

/** A batch is cut at the first row that brings it over the limit, so it may be larger by one row. */
export const MAX_STORED_BYTES = rowLimits.batchStoredBytes + rowLimits.rowBytes;

/**
 * Believes nothing of a manifest about its bytes: sizes, bytes digest, frame, rows digest, every row (fields of
 * the schema version, escapes, UTF-8, op), every one of several whole files (bytes, name, size) and the counts. Throws a code of its own for each, all of kind integrity.
 */
export async function checkContent(
  manifest: BatchManifest,
  {
    bytes,
    bytesDigest: provenDigest,
  }: { readonly bytes: Uint8Array; readonly bytesDigest?: string | undefined },
  resource: CatalogResource,
): Promise<void> {
  const about = { ...aboutStream(manifest.stream), seq: manifest.seq };
  checkSizes(manifest, bytes, about);
  const { kind, schemaVersion, rawBytes, rowsDigest, bytesDigest } = manifest;
  const part = manifest.file && filePartText(manifest.file);
  const listBytes = manifest.wholeFiles?.listBytes;
  const fields = resource.items.length;
  const digests = { rawBytes, rowsDigest, bytesDigest, provenDigest };
  const claim = { kind, schemaVersion, part, listBytes, ...digests, fields };
  const checked = await checkRows(bytes, claim);
  if ('differs' in checked) {
    throw checked.differs === 'bytes'
      ? exchangeErrors.BYTES_DIFFER(about)
      : exchangeErrors.ROWS_DIFFER(about);
  }
  const problem = checked.files && wholeFilesProblem(checked.files, manifest.rows, resource);
  if (problem) throw exchangeErrors.FILE_WRONG({ ...about, problem });
  // files are counted by the manifest and their list, which were judged
  const counts = kind === 'files' ? { ...checked.counts, rows: manifest.rows } : checked.counts;
  checkOps(manifest, counts, about);
  checkCounts(manifest, counts, about);
}

interface About {
  readonly stream: string;
  readonly resource: string;
  readonly seq: number;
}

function checkSizes(manifest: BatchManifest, bytes: Uint8Array, about: About): void {
  const wrong = (what: string, found: number, wanted: string) =>
    exchangeErrors.BATCH_SIZE({ ...about, what, found, wanted });
  const { storedBytes, rawBytes } = manifest;
  if (bytes.length > MAX_STORED_BYTES) throw wrong('body', bytes.length, `≤ ${MAX_STORED_BYTES}`);
  if (bytes.length !== storedBytes) throw wrong('body', bytes.length, String(storedBytes));
  if (rawBytes > rowLimits.batchRawBytes) throw wrong('rawBytes', rawBytes, `≤ ${rowLimits.batchRawBytes}`);
}

function checkOps({ kind }: BatchManifest, counts: RowCounts, about: About): void {
  const wrong = kind === 'snapshot' ? counts.upserts + counts.deletes : counts.snapshots;
  if (wrong === 0) return;
  const ops = kind === 'snapshot' ? 'U/D' : 'S';
  throw exchangeErrors.OP_WRONG({ ...about, batchKind: kind, count: wrong, ops });
}

function checkCounts({ rows, read, rejected }: BatchManifest, counts: RowCounts, about: About): void {
  if (counts.rows !== rows) throw exchangeErrors.ROWS_COUNT({ ...about, found: counts.rows, declared: rows });
  if (read !== rows + rejected) throw exchangeErrors.COUNTS_UNBALANCED({ ...about, read, rows, rejected });
}

import {
  type BatchManifest,
  type CatalogResource,
  continuesFile,
  filesProblem,
  holdsFiles,
} from '@qianzhi/model';
import type { Knex } from 'knex';
import { aboutStream } from '../about.js';
import { findBatch } from '../batch-table.js';
import { exchangeErrors } from '../errors.js';

/**
 * A resource of files gets parts of files, any other one rows. Name, size and count of a part are judged here, whatever the
 * provider's agent thought of them. Throws QZ_PLATFORM_KIND_UNSUPPORTED (config) or _FILE_WRONG (integrity).
 */
export function checkFile(manifest: BatchManifest, resource: CatalogResource): void {
  const { kind, stream, seq } = manifest;
  const about = { ...aboutStream(stream), seq };
  if ((kind === 'files') !== holdsFiles(resource)) {
    throw exchangeErrors.KIND_UNSUPPORTED({ ...about, batchKind: kind, content: resource.content ?? 'rows' });
  }
  const problem = filesProblem(manifest, resource);
  if (problem) throw exchangeErrors.FILE_WRONG({ ...about, problem });
}

/** A file begins at its first byte and goes on without a gap. Throws QZ_PLATFORM_FILE_WRONG (integrity). */
export async function checkFileOrder(db: Knex, { file, stream, seq }: BatchManifest): Promise<void> {
  if (!file || file.offset === 0) return;
  const row = await findBatch(db, stream, seq - 1);
  const before: BatchManifest | undefined = row && JSON.parse(row.manifest).body;
  if (before?.file && continuesFile(file, before.file, before.rawBytes)) return;
  const problem = { zh: '不接续该文件的前一部分', en: 'it does not follow the part of its file before it' };
  throw exchangeErrors.FILE_WRONG({ ...aboutStream(stream), seq, problem });
}

import {
  type BatchManifest,
  type CatalogResource,
  continuesFile,
  filePartProblem,
  holdsFiles,
  isLastPart,
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
  const { kind, file, stream, seq, rows, rawBytes } = manifest;
  const about = { ...aboutStream(stream), seq };
  if ((kind === 'files') !== holdsFiles(resource)) {
    throw exchangeErrors.KIND_UNSUPPORTED({ ...about, batchKind: kind, content: resource.content ?? 'rows' });
  }
  const wrong = (zh: string, en: string) => exchangeErrors.FILE_WRONG({ ...about, problem: { zh, en } });
  if (kind !== 'files') {
    if (file) throw wrong('数据行批次注明了文件', 'a batch of rows names a file');
    return;
  }
  if (!file) throw wrong('未注明是哪个文件', 'it does not say which file it is of');
  const problem = filePartProblem(file, rawBytes, resource);
  if (problem) throw wrong(problem.zh, problem.en);
  if (rows !== (isLastPart(file, rawBytes) ? 1 : 0)) {
    throw wrong('文件数与部分不符', 'its count of files is not that of its part');
  }
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

import { join } from 'node:path';
import { bytesDigest, returnBytes } from '@qianzhi/rows';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import type { DurableFolder } from '../files/durable-folder.js';
import { readLent } from '../files/read-lent.js';
import { type BatchRow, inDatabase } from '../store/batch-table.js';
import type { Tables } from '../store/tables.js';

export interface StoredParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly folder: DurableFolder;
}

/** The bytes of a sealed batch, to be given back. Throws QZ_ENGINE_BATCH_FILE_BROKEN where they are not there as they were sealed. */
export async function storedBytes(parts: StoredParts, batch: BatchRow): Promise<Uint8Array> {
  const { resource: stream, seq, manifest } = batch;
  const broken = (cause?: unknown) => engineErrors.BATCH_FILE_BROKEN({ stream, seq }, cause);
  const bytes = await readStored(parts, batch).catch((error) => {
    throw broken(error);
  });
  if (!bytes) throw broken();
  if (bytesDigest(bytes, parts.core.suite) === manifest.body.bytesDigest) return bytes;
  returnBytes(bytes);
  throw broken();
}

async function readStored({ tables, folder }: StoredParts, batch: BatchRow): Promise<Uint8Array | undefined> {
  if (batch.file === null) return undefined;
  if (batch.file === inDatabase) return tables.batches.bytes(batch);
  return readLent(join(folder.path, batch.file), batch.storedBytes);
}

import { type FileHandle, open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FilesSource, Format } from '../config.js';
import { filesErrors } from '../errors.js';
import { guarded } from '../folder/classify.js';
import { identityOf, shortDigest } from '../folder/identity.js';
import type { FolderFile } from '../folder/list.js';
import { provenDigestOf } from '../folder/supplied-manifest.js';
import { openCsv } from './csv.js';
import { openDbf } from './dbf.js';
import { openFixedWidth } from './fixed-width.js';
import { openJsonLines } from './json-lines.js';
import { openParquet } from './parquet/parquet.js';
import type { TableFile } from './table-file.js';
import { openXlsx } from './xlsx/xlsx.js';

const byEnding: Readonly<Record<string, Format>> = {
  '.csv': 'csv',
  '.txt': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.dbf': 'dbf',
  '.xlsx': 'xlsx',
  '.parquet': 'parquet',
};

/** Undefined where neither config nor name tell. */
export function formatOf(name: string, spec: Pick<FilesSource, 'format' | 'fixed'>): Format | undefined {
  return spec.format ?? (spec.fixed ? 'fixed' : byEnding[extname(name).toLowerCase()]);
}

export function openForReading(path: string): Promise<FileHandle> {
  return guarded('open', path, () => open(path, 'r'));
}

/** Opens a file and proves it to be what its manifest says, where one names it: `digest` is then known. `identity` is from before that. */
export async function openProven(
  { path, declared }: Pick<FolderFile, 'path' | 'declared'>,
  signal: AbortSignal,
): Promise<{
  readonly handle: FileHandle;
  readonly identity: string;
  readonly digest: string | undefined;
}> {
  const handle = await openForReading(path);
  try {
    const identity = identityOf(await handle.stat({ bigint: true }));
    const proven = declared && (await provenDigestOf(handle, path, declared, signal));
    return { handle, identity, digest: proven && shortDigest(proven) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Opens what a handle is on as a table. The table owns the handle from then on; where it cannot be opened it is closed. */
export async function openTable(
  file: FileHandle,
  path: string,
  name: string,
  spec: FilesSource,
  signal: AbortSignal,
): Promise<TableFile> {
  try {
    return await guarded('open', path, () => opened(file, path, name, spec, signal));
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function opened(
  file: FileHandle,
  path: string,
  name: string,
  spec: FilesSource,
  signal: AbortSignal,
): Promise<TableFile> {
  const format = formatOf(name, spec);
  switch (format) {
    case undefined:
      throw filesErrors.FORMAT_UNKNOWN({ name });
    case 'csv':
    case 'tsv':
      return openCsv({ file, path, spec, tabs: format === 'tsv' }, signal);
    case 'jsonl':
      return openJsonLines({ file, path, spec, tabs: false }, signal);
    case 'fixed':
      return openFixedWidth({ file, path, spec, tabs: false }, signal);
    case 'dbf':
      return openDbf(file, path, spec);
    case 'xlsx':
      return openXlsx(file, path, spec, signal);
    case 'parquet':
      return openParquet(file, path);
  }
}

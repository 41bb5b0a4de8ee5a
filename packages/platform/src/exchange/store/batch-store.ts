import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '@qianzhi/model';
import { bytesDigest, lendBytes, returnBytes } from '@qianzhi/rows';
import { exchangeErrors } from '../errors.js';
import { createHealth, type Disk, realDisk, syncFolder } from './disk.js';
import type { StoredLocation } from './location.js';
import { createSegmentWriter } from './segment-writer.js';

/** From this size on a batch has a file of its own; smaller ones share segments and their fsync. */
export const OWN_FILE_BYTES = 64 * 1024;

/**
 * Batch bytes in a folder. The database holds the index and decides what exists: bytes without an index row
 * were never receipted.
 */
export interface BatchStore {
  /**
   * Calls `commit` with the place; it puts the bytes into the index, in a transaction that it ends no sooner than `durable`
   * resolves: they survive loss of power then. When it throws, its error goes on and the bytes are left to the next sweep. Throws QZ_PLATFORM_STORE_FULL (unavailable) or,
   * after any other failure of the disk and from then on, QZ_PLATFORM_STORE_HALTED (unavailable, too).
   */
  write<T>(
    bytes: Uint8Array,
    commit: (location: StoredLocation, durable: Promise<void>) => Promise<T>,
  ): Promise<T>;
  /** The bytes as stored, in lent memory. Throws QZ_PLATFORM_BYTES_DAMAGED (integrity) where one is missing or was changed. */
  read(location: StoredLocation, digest: string): Promise<Uint8Array>;
  /** Files that no write is using: what of these the index does not name may be removed. */
  settledFiles(): Promise<readonly string[]>;
  remove(file: string): Promise<void>;
  /** Where a file of the index is, for reading apart from `read`; it may go at any time. */
  pathOf(file: string): string;
  /** Bytes of what is kept, on disk. */
  bytes(): number;
  /** Throws QZ_PLATFORM_STORE_HALTED once the store has halted. */
  check(): void;
  close(): Promise<void>;
}

export interface BatchStoreOptions {
  readonly folder: string;
  /** Where the index says each file ends. What lies beyond in a segment is a tail torn by a crash and is cut. */
  readonly ends: ReadonlyMap<string, number>;
  readonly disk?: Disk;
}

export async function openBatchStore(options: BatchStoreOptions): Promise<BatchStore> {
  const { folder, ends, disk = realDisk } = options;
  const health = createHealth(folder);
  const fileFolder = join(folder, 'files');
  const segmentFolder = join(folder, 'segments');
  await mkdir(fileFolder, { recursive: true, mode: 0o700 });
  await mkdir(segmentFolder, { recursive: true, mode: 0o700 });
  await syncFolder(folder, disk);
  await cutTornTails(folder, ends);
  const segments = createSegmentWriter(segmentFolder, disk, health);
  const inUse = new Map<string, number>();
  /** What a crash left, which the index does not name: the first sweep removes it. */
  const leftovers = new Set((await filesIn(folder)).filter((file) => !ends.has(file)));
  let kept = [...ends.values()].reduce((sum, end) => sum + end, 0);

  /** Keeps a file from the sweep while its index row is not committed yet. */
  function hold(file: string): () => void {
    inUse.set(file, (inUse.get(file) ?? 0) + 1);
    return () => {
      const left = inUse.get(file)! - 1;
      if (left === 0) inUse.delete(file);
      else inUse.set(file, left);
    };
  }

  async function writeOwnFile(file: string, bytes: Uint8Array): Promise<StoredLocation> {
    const path = join(folder, file);
    const temporary = `${path}.part`;
    try {
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await disk.write(handle, bytes, 0);
        await disk.sync(handle, bytes.length);
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
      await syncFolder(fileFolder, disk);
      kept += bytes.length;
      return { file, offset: 0, length: bytes.length };
    } catch (cause) {
      await rm(temporary, { force: true });
      throw health.failed(cause, 'files');
    }
  }

  return {
    async write(bytes, commit) {
      health.check();
      if (bytes.length < OWN_FILE_BYTES) {
        const { location, durable } = await segments.append(bytes);
        const release = hold(location.file);
        const count = () => {
          kept += bytes.length;
        };
        durable.then(count, () => undefined);
        return commit(location, durable).finally(release);
      }
      const file = `files/${randomBytes(12).toString('hex')}.zst`;
      const release = hold(file);
      return writeOwnFile(file, bytes)
        .then((location) => commit(location, Promise.resolve()))
        .finally(release);
    },
    read: (location, digest) => readChecked(folder, location, digest),
    async settledFiles() {
      const files = await filesIn(folder);
      return files.filter((file) => !inUse.has(file) && file !== segments.active());
    },
    async remove(file) {
      const path = join(folder, file);
      if (!leftovers.delete(file)) kept -= (await stat(path)).size;
      await rm(path, { force: true });
    },
    pathOf: (file) => join(folder, file),
    bytes: () => kept,
    check: health.check,
    close: () => segments.close(),
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const files = await readdir(join(folder, 'files'));
  const segments = await readdir(join(folder, 'segments'));
  return [
    ...files.filter((name) => name.endsWith('.zst')).map((name) => `files/${name}`),
    ...segments.map((name) => `segments/${name}`),
  ];
}

async function cutTornTails(folder: string, ends: ReadonlyMap<string, number>): Promise<void> {
  for (const name of await readdir(join(folder, 'files'))) {
    if (name.endsWith('.part')) await rm(join(folder, 'files', name), { force: true });
  }
  for (const name of await readdir(join(folder, 'segments'))) {
    const path = join(folder, 'segments', name);
    const end = ends.get(`segments/${name}`) ?? 0;
    const handle = await open(path, 'r');
    const { size } = await handle.stat().finally(() => handle.close());
    if (size > end) await truncate(path, end);
  }
}

async function readChecked(folder: string, location: StoredLocation, digest: string): Promise<Uint8Array> {
  const damaged = (problem: string, problemZh: string, cause?: unknown) =>
    exchangeErrors.BYTES_DAMAGED({ ...location, problem, problemZh }, cause);
  const bytes = lendBytes(location.length);
  try {
    const handle = await open(join(folder, location.file), 'r');
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, location.offset + done);
        if (bytesRead === 0) throw damaged('bytes are missing', '内容不完整');
        done += bytesRead;
      }
    } finally {
      await handle.close();
    }
  } catch (cause) {
    returnBytes(bytes);
    const code = systemCode(cause);
    if (code === 'ENOENT') throw damaged('the file is missing', '文件不存在', cause);
    if (code === 'EIO') throw damaged('the disk cannot read it', '磁盘无法读出', cause);
    throw cause;
  }
  if (bytesDigest(bytes) === digest) return bytes;
  returnBytes(bytes);
  throw damaged('the digest differs', '摘要不符');
}

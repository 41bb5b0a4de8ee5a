import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { realDisk, syncFolder } from '../store/disk.js';

/** A file that grows by whole lines. What is recorded of it is its length: a crash leaves more at most, which is cut off. */
export interface ArchiveFile {
  /** Resolves with the file's length when the lines survive loss of power. */
  append(lines: readonly string[]): Promise<number>;
  sha256(): Promise<string>;
  close(): Promise<void>;
}

/** Opens a file at the length that is recorded; 0 makes it. */
export async function openArchiveFile(path: string, recorded: number): Promise<ArchiveFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, recorded === 0 ? 'w+' : 'r+', 0o600);
  try {
    await cutTo(handle, recorded);
    await syncFolder(dirname(path), realDisk);
    await syncFolder(dirname(dirname(path)), realDisk);
  } catch (error) {
    await handle.close();
    throw error;
  }
  let length = recorded;
  return {
    async append(lines) {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      await realDisk.write(handle, bytes, length);
      await realDisk.sync(handle, bytes.length);
      length += bytes.length;
      return length;
    },
    async sha256() {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path)) hash.update(chunk);
      return hash.digest('hex');
    },
    close: () => handle.close(),
  };
}

async function cutTo(handle: FileHandle, recorded: number): Promise<void> {
  const { size } = await handle.stat();
  if (size < recorded) throw new Error(`an archive of evidence has ${size} bytes and had ${recorded}`);
  await handle.truncate(recorded);
  await handle.sync();
}

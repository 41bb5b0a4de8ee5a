import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Disk, type Health, syncFolder } from './disk.js';
import type { StoredLocation } from './location.js';

const SEGMENT_BYTES = 64 * 1024 * 1024;
const GROUP_BYTES = 8 * 1024 * 1024;

export interface SegmentWriter {
  /** Resolves when the bytes are durable. Appends that arrive while the disk is busy share the next fsync. */
  append(bytes: Uint8Array): Promise<StoredLocation>;
  /** The segment that may still grow. */
  active(): string | undefined;
  close(): Promise<void>;
}

interface Waiting {
  readonly bytes: Uint8Array;
  done(location: StoredLocation): void;
  fail(error: unknown): void;
}

interface Segment {
  readonly name: string;
  readonly handle: FileHandle;
  /** Where the next append goes. Bytes beyond it are the remains of a failed write and are written over. */
  end: number;
}

/** Small batches, one after another in a file. A start always begins a new segment, so an old tail never matters. */
export function createSegmentWriter(folder: string, disk: Disk, health: Health): SegmentWriter {
  const queue: Waiting[] = [];
  let segment: Segment | undefined;
  let pumping: Promise<void> | undefined;

  async function begin(): Promise<Segment> {
    await segment?.handle.close();
    segment = undefined;
    const name = `${randomBytes(12).toString('hex')}.seg`;
    const handle = await open(join(folder, name), 'wx', 0o600);
    segment = { name, handle, end: 0 };
    await syncFolder(folder, disk);
    return segment;
  }

  async function writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      health.check();
      const into = segment && segment.end < SEGMENT_BYTES ? segment : await begin();
      const start = into.end;
      const bytes = group.length === 1 ? group[0]!.bytes : Buffer.concat(group.map((one) => one.bytes));
      await disk.write(into.handle, bytes, start);
      await disk.sync(into.handle);
      into.end = start + bytes.length;
      let offset = start;
      for (const one of group) {
        one.done({ file: `segments/${into.name}`, offset, length: one.bytes.length });
        offset += one.bytes.length;
      }
    } catch (cause) {
      const error = health.failed(cause, 'segments');
      for (const one of group) one.fail(error);
    }
  }

  async function pump(): Promise<void> {
    while (queue.length > 0) {
      let bytes = 0;
      let count = 0;
      while (count < queue.length && (count === 0 || bytes + queue[count]!.bytes.length <= GROUP_BYTES)) {
        bytes += queue[count++]!.bytes.length;
      }
      await writeGroup(queue.splice(0, count));
    }
    pumping = undefined;
  }

  return {
    append(bytes) {
      return new Promise((done, fail) => {
        queue.push({ bytes, done, fail });
        pumping ??= pump();
      });
    },
    active: () => (segment ? `segments/${segment.name}` : undefined),
    async close() {
      await pumping;
      await segment?.handle.close();
      segment = undefined;
    },
  };
}

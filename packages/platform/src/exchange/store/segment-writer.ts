import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Disk, type Health, syncFolder } from './disk.js';
import type { StoredLocation } from './location.js';

const SEGMENT_BYTES = 64 * 1024 * 1024;
const GROUP_BYTES = 8 * 1024 * 1024;

export interface Placed {
  readonly location: StoredLocation;
  /** Resolves when the bytes are durable; rejects where they never will be. */
  readonly durable: Promise<void>;
}

export interface SegmentWriter {
  /** Resolves when the place is known and writing begins. Appends that arrive while the disk is busy share the next fsync. */
  append(bytes: Uint8Array): Promise<Placed>;
  /** The segment that may still grow. */
  active(): string | undefined;
  close(): Promise<void>;
}

interface Waiting {
  readonly bytes: Uint8Array;
  place(placed: Placed): void;
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
      const bytes = group.length === 1 ? group[0]!.bytes : Buffer.concat(group.map((one) => one.bytes));
      const durable = writeDurably(into, bytes);
      // whoever is placed hears of it; where nobody listens any more it is no failure of the process
      durable.catch(() => undefined);
      let offset = into.end;
      for (const one of group) {
        const { length } = one.bytes;
        one.place({ location: { file: `segments/${into.name}`, offset, length }, durable });
        offset += length;
      }
      await durable;
      into.end = offset;
    } catch (cause) {
      const error = health.failed(cause, 'segments');
      for (const one of group) one.fail(error);
    }
  }

  async function writeDurably({ handle, end }: Segment, bytes: Uint8Array): Promise<void> {
    try {
      await disk.write(handle, bytes, end);
      await disk.sync(handle, bytes.length);
    } catch (cause) {
      throw health.failed(cause, 'segments');
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
      return new Promise((place, fail) => {
        queue.push({ bytes, place, fail });
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

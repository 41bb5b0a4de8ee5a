import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A number of the file system: which file or folder, whatever its names. */
export type Inode = number;

/** One act on a file or folder, as shadow.c notes it before it happens. `at` orders the acts of all processes. */
export type Act =
  | {
      readonly kind: 'write' | 'truncate';
      readonly at: bigint;
      readonly inode: Inode;
      /** Where the old bytes stood, which the act replaces or cuts off, and how large the file was. */
      readonly offset: number;
      readonly old: Buffer;
      readonly size: number;
    }
  | { readonly kind: 'sync'; readonly at: bigint; readonly inode: Inode; readonly path: string }
  | {
      readonly kind: 'add' | 'remove';
      readonly at: bigint;
      /** The folder. */
      readonly inode: Inode;
      readonly name: string;
      readonly named: Inode;
      readonly folder: boolean;
    };

const HEADER_BYTES = 40;
const kinds = [undefined, 'write', 'truncate', 'sync', 'add', 'remove', 'cancel', 'unseen', 'make'] as const;

/** A name that a process was about to make when it was killed. */
export interface Unfinished {
  readonly folder: Inode;
  readonly name: string;
}

export interface Logs {
  /** Everything that was done below the root, in order. */
  readonly acts: Act[];
  readonly unfinished: Unfinished[];
}

/** Throws where a process did what the shadow does not follow. */
export function readLogs(folder: string): Logs {
  const logs = readdirSync(folder).map((name) => readLog(readFileSync(join(folder, name))));
  const acts = logs.flatMap((log) => log.acts);
  return {
    acts: acts.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    unfinished: logs.flatMap((log) => log.unfinished),
  };
}

/** The last record of a process that was killed may be cut off: its act never began. */
function readLog(bytes: Buffer): Logs {
  const acts: Act[] = [];
  let unfinished: Unfinished[] = [];
  const cancelled = new Set<bigint>();
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 12);
    const end = at + HEADER_BYTES + length;
    if (end > bytes.length) break;
    const kind = kinds[bytes.readUInt32LE(at + 8)];
    const when = bytes.readBigUInt64LE(at);
    const [inode, second, size] = [16, 24, 32].map((n) => Number(bytes.readBigUInt64LE(at + n)));
    const data = bytes.subarray(at + HEADER_BYTES, end);
    if (kind === 'unseen') throw new Error(`a process did what the shadow does not follow: ${data}`);
    unfinished = kind === 'make' ? [{ folder: inode!, name: data.toString() }] : [];
    if (kind === 'cancel') cancelled.add(bytes.readBigUInt64LE(at + 16));
    else if (kind !== 'make') acts.push(actOf(kind!, when, inode!, second!, size!, data));
    at = end;
  }
  return { acts: acts.filter((act) => !cancelled.has(act.at)), unfinished };
}

function actOf(
  kind: Act['kind'],
  at: bigint,
  inode: Inode,
  second: number,
  third: number,
  data: Buffer,
): Act {
  if (kind === 'write' || kind === 'truncate') {
    return { kind, at, inode, offset: second, size: third, old: data };
  }
  if (kind === 'sync') return { kind, at, inode, path: data.toString() };
  return { kind, at, inode, named: second, folder: third === 1, name: data.toString() };
}

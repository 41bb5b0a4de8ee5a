import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Act, type Inode, readLogs } from './log.js';

/** What happened, and the folder it ended with. */
export interface Recorded {
  readonly acts: readonly Act[];
  /** Standing at the end. */
  timeline(): Timeline;
}

/** The recorded folder at one moment, walked backwards. */
export interface Timeline {
  /** Undoes what came after `at`; later moments are then out of reach. */
  rewind(at: bigint): void;
  /** Writes the folder as a loss of power at this moment leaves it; `into` must not exist. */
  cut(into: string, loss?: Loss): void;
  /** Writes it as the processes see it at this moment. */
  copy(into: string): void;
}

export interface Loss {
  /** Paths below the root whose fsync is to have no effect: a product that forgot it. */
  readonly forgets?: (path: string) => boolean;
  /**
   * How many of the unconfirmed acts on one file or folder, from the first on, reached the disk all the same. None unless
   * told: a disk that keeps some and another file's later ones is what the order of fsyncs is for.
   */
  readonly survivors?: (unconfirmed: number) => number;
}

interface Content {
  bytes: Buffer;
  size: number;
}

/** What a file or folder is at a moment: bytes, or what a link says, or names. */
interface State {
  readonly files: Map<Inode, Content>;
  readonly folders: Map<Inode, Map<string, Inode>>;
}

export interface RecordedPlace {
  readonly root: string;
  /** The shadow's own folder: logs and pins. */
  readonly place: string;
  readonly before: ReadonlySet<Inode>;
}

export function readRecorded({ root, place, before }: RecordedPlace): Recorded {
  const { acts, unfinished } = readLogs(join(place, 'logs'));
  const modes = new Map<Inode, number>();
  const links = new Map<Inode, string>();
  const end: State = { files: new Map(), folders: new Map() };
  const top = walk(root);
  const pins = join(place, 'pins');
  for (const name of readdirSync(pins)) {
    const path = join(pins, name);
    if (lstatSync(path).isDirectory()) end.folders.set(Number(name), new Map());
    else if (isSafe(lstatSync(path))) load(path);
  }
  /** Answers the folder's inode. */
  function walk(folder: string): Inode {
    const { ino } = lstatSync(folder);
    const names = new Map<string, Inode>();
    end.folders.set(ino, names);
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const stat = lstatSync(path);
      if (stat.isDirectory()) names.set(name, walk(path));
      else if (isSafe(stat)) names.set(name, load(path));
    }
    return ino;
  }

  function load(path: string): Inode {
    const { ino, mode } = lstatSync(path);
    if (end.files.has(ino) || links.has(ino)) return ino;
    modes.set(ino, mode & 0o777);
    if ((mode & 0o170000) === 0o120000) links.set(ino, readlinkSync(path));
    else {
      const bytes = readFileSync(path);
      end.files.set(ino, { bytes, size: bytes.length });
    }
    return ino;
  }

  /** What was about to be made is not there. A file nobody saw being made would count as safe: then the shadow misses a call. */
  function settleNames(): void {
    const made = new Set(acts.flatMap((act) => (act.kind === 'add' ? [act.named] : [])));
    for (const { folder, name } of unfinished) {
      const names = end.folders.get(folder);
      const inode = names?.get(name);
      if (inode !== undefined && !made.has(inode)) names!.delete(name);
    }
    for (const [, names] of end.folders) {
      for (const [name, inode] of names) {
        if (!made.has(inode) && !before.has(inode)) throw new Error(`the shadow did not see ${name} made`);
      }
    }
  }

  function writeTree(at: State, inode: Inode, into: string): void {
    mkdirSync(into, { mode: 0o700 });
    for (const [name, named] of at.folders.get(inode)!) {
      const path = join(into, name);
      const content = at.files.get(named);
      if (content) {
        writeFileSync(path, content.bytes.subarray(0, content.size), { mode: modes.get(named)! });
      } else if (links.has(named)) symlinkSync(links.get(named)!, path);
      else if (at.folders.has(named)) writeTree(at, named, path);
    }
  }

  settleNames();
  return {
    acts,
    timeline() {
      const state: State = { files: new Map(end.files), folders: new Map(end.folders) };
      for (const inode of new Set(acts.map((act) => act.inode))) copyOnce(state, inode);
      let count = acts.length;
      return {
        rewind(at) {
          while (count > 0 && acts[count - 1]!.at > at) undo(state, acts[--count]!);
        },
        cut(into, loss = {}) {
          const survivors = loss.survivors ?? (() => 0);
          const left: State = { files: new Map(state.files), folders: new Map(state.folders) };
          for (const [inode, list] of unconfirmed(acts.slice(0, count), loss)) {
            copyOnce(left, inode);
            for (const act of list.slice(survivors(list.length)).reverse()) undo(left, act);
          }
          writeTree(left, top, into);
        },
        copy: (into) => writeTree(state, top, into),
      };
    },
  };
}

/** What of the acts no fsync confirmed, by file or folder. */
function unconfirmed(acts: readonly Act[], { forgets = () => false }: Loss): Map<Inode, Act[]> {
  const open = new Map<Inode, Act[]>();
  for (const act of acts) {
    if (act.kind === 'sync') {
      if (!forgets(act.path)) open.delete(act.inode);
    } else {
      const list = open.get(act.inode);
      if (list) list.push(act);
      else open.set(act.inode, [act]);
    }
  }
  return open;
}

/** A socket is no file: whatever holds one of an earlier start finds nobody behind it. */
function isSafe(stat: Stats): boolean {
  return stat.isFile() || stat.isSymbolicLink();
}

function copyOnce(state: State, inode: Inode): void {
  const content = state.files.get(inode);
  if (content) state.files.set(inode, { ...content, bytes: Buffer.from(content.bytes) });
  const names = state.folders.get(inode);
  if (names) state.folders.set(inode, new Map(names));
}

function undo({ files, folders }: State, act: Act): void {
  switch (act.kind) {
    case 'write':
    case 'truncate': {
      const content = files.get(act.inode);
      if (!content) throw new Error(`inode ${act.inode} is gone`);
      const end = Math.max(act.size, act.offset + act.old.length);
      if (end > content.bytes.length) content.bytes = Buffer.concat([content.bytes], 2 * end);
      content.bytes.set(act.old, act.offset);
      content.size = act.size;
      return;
    }
    case 'add':
      folders.get(act.inode)?.delete(act.name);
      return;
    case 'remove':
      folders.get(act.inode)?.set(act.name, act.named);
  }
}

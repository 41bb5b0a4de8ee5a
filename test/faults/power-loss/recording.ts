import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../e2e/program.js';
import type { Inode } from './log.js';
import { shadowLibrary } from './shadow.js';
import { type Recorded, readRecorded } from './timeline.js';

/** What happens below a folder from now on. What is there already counts as safe. */
export interface Recording {
  /** Environment of every process that is to be recorded. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * From now on the calls fail, and without arguments none does: `ENOSPC write PATTERN`, `EIO fsync PATTERN`; a shell pattern over
   * the path below the root, where `*` stands for `/`, too.
   */
  fail(...faults: string[]): void;
  /** The present moment on the clock of the acts. */
  now(): bigint;
  /** Waits for whoever is recorded to have ended: the children of a killed process outlive it by a moment. */
  allEnded(): Promise<void>;
  /** For when all processes have ended. */
  end(): Recorded;
  close(): Promise<void>;
}

/** `root` without symbolic links. The log lies beside it. */
export function startRecording(root: string): Recording {
  const place = `${root}.shadow`;
  mkdirSync(join(place, 'logs'), { recursive: true });
  mkdirSync(join(place, 'pins'));
  const faultFile = join(place, 'faults');
  const before = inodesBelow(root);
  return {
    env: {
      LD_PRELOAD: shadowLibrary(),
      QZ_SHADOW_ROOT: root,
      QZ_SHADOW_LOG: place,
      QZ_SHADOW_FAULTS: faultFile,
      // reads and writes as system calls that a library can see
      UV_USE_IO_URING: '0',
    },
    fail: (...faults) => writeFileSync(faultFile, `${faults.join('\n')}\n`),
    now: () => process.hrtime.bigint(),
    allEnded: () =>
      eventually('all recorded processes to end', 20_000, () => recordsInto(place) === 0 || undefined).then(
        () => undefined,
      ),
    end: () => readRecorded({ root, place, before }),
    close: () => rm(place, { recursive: true, force: true }),
  };
}

function inodesBelow(folder: string): Set<Inode> {
  const found = new Set<Inode>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    found.add(lstatSync(join(entry.parentPath, entry.name)).ino);
  }
  return found;
}

/** How many processes record into `place`, as their environment says. */
function recordsInto(place: string): number {
  const mark = `\0QZ_SHADOW_LOG=${place}\0`;
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && environmentOf(pid).includes(mark)).length;
}

/** Nothing for a process that has ended meanwhile, or is somebody else's. */
function environmentOf(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return '';
    throw error;
  }
}

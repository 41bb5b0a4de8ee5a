import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { peakRssMiBOf } from '../chain/process-figures.js';
import { rounded } from '../options.js';

/** What was seen of an agent's comparison; undefined where there was none. */
export interface Watched {
  readonly comparingSeconds?: number;
  /** The most memory that the comparing process held. */
  readonly childPeakMiB?: number;
  /** The most that the copies took, and what the comparison wrote besides. */
  readonly copiesMB: number;
  readonly workMB: number;
}

const LOOK_EVERY_MS = 50;
/** Walking through a thousand files is work, too. */
const WEIGH_EVERY_MS = 1000;

/** Looks at the agent's child processes and at its folders until it is disposed of. */
export function watchWork(agent: number, stateDir: string) {
  let [began, ended, childPeakMiB, copies, work] = [0, 0, 0, 0, 0];
  const look = setInterval(() => {
    for (const child of childrenOf(agent)) {
      const peak = ifThere(() => peakRssMiBOf(child));
      if (peak === undefined) continue;
      childPeakMiB = Math.max(childPeakMiB, peak);
      ended = performance.now();
      began ||= ended;
    }
  }, LOOK_EVERY_MS);
  const weigh = setInterval(() => {
    copies = Math.max(copies, bytesIn(join(stateDir, 'diff')));
    work = Math.max(work, bytesIn(join(stateDir, 'dataset')));
  }, WEIGH_EVERY_MS);
  return {
    seen(): Watched {
      const disk = { copiesMB: Math.round(copies / 1e6), workMB: Math.round(work / 1e6) };
      if (began === 0) return disk;
      const comparingSeconds = rounded((ended - began) / 1000);
      return { comparingSeconds, childPeakMiB: Math.round(childPeakMiB), ...disk };
    },
    async [Symbol.asyncDispose]() {
      clearInterval(look);
      clearInterval(weigh);
    },
  };
}

/** A process or file may be gone when it is looked at. */
function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof TypeError) return undefined; // its memory is given back already
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function childrenOf(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const lists = tasks.map(
    (task) => ifThere(() => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')) ?? '',
  );
  return lists.join(' ').split(/\s+/).filter(Boolean).map(Number);
}

function bytesIn(folder: string): number {
  const entries = ifThere(() => readdirSync(folder, { withFileTypes: true, recursive: true })) ?? [];
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce(
    (sum, { parentPath, name }) => sum + (ifThere(() => statSync(join(parentPath, name)).size) ?? 0),
    0,
  );
}

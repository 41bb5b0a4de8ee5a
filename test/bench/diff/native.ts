import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peakRssMiBOf } from '../chain/process-figures.js';
import { rounded } from '../options.js';

export interface NativeComparison {
  readonly seconds: number;
  readonly peakMiB: number;
  /** Lines that are in one copy alone. */
  readonly lines?: number;
  /** What DuckDB said where it could not. */
  readonly problem?: string;
}

const LIMITS = { memory_limit: '512MB', threads: '2', preserve_insertion_order: 'false' };
const LOOK_EVERY_MS = 50;

/** The copy that a run compared with, and its own. */
export function newestCopies(copies: string): readonly string[] {
  return readdirSync(copies)
    .map((name) => join(copies, name))
    .toSorted((one, other) => statSync(one).mtimeMs - statSync(other).mtimeMs)
    .slice(-2);
}

/** DuckDB by itself: lines of the two newest copies in `copies`, in a process of its own that may spill into `spill`. */
export async function compareNatively(copies: string, spill: string): Promise<NativeComparison> {
  mkdirSync(spill);
  const [a, b] = newestCopies(copies);
  const lines = (folder: string) =>
    `read_csv('${folder}/0*.zst', columns = {'line': 'VARCHAR'}, delim = chr(0), quote = '', escape = '', header = false, auto_detect = false, compression = 'zstd')`;
  const sql = `SELECT count(*) FROM (FROM ${lines(a!)}) a FULL JOIN (FROM ${lines(b!)}) b USING (line) WHERE a.line IS NULL OR b.line IS NULL`;
  const start = performance.now();
  const child = fork(fileURLToPath(new URL('./native-child.js', import.meta.url)));
  const exited = once(child, 'exit');
  let peakMiB = 0;
  const look = setInterval(() => {
    if (child.exitCode === null) peakMiB = Math.max(peakMiB, peakRssMiBOf(child.pid!));
  }, LOOK_EVERY_MS);
  try {
    child.send({ limits: { ...LIMITS, temp_directory: spill }, sql });
    const [answer] = await Promise.race([
      once(child, 'message'),
      exited.then(() => [{ problem: 'it died' }]),
    ]);
    return { seconds: rounded((performance.now() - start) / 1000), peakMiB: Math.round(peakMiB), ...answer };
  } finally {
    clearInterval(look);
    child.kill('SIGKILL');
    await exited;
  }
}

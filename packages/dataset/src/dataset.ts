import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CatalogResource } from '@qianzhi/model';
import { runChild } from './child-process.js';
import { datasetErrors } from './errors.js';
import { fullDisk } from './full-disk.js';
import { layoutOf } from './layout.js';
import type { ChildRequest, CutFile, JobName, JobOutcomes } from './protocol.js';
import { checkOutput, publishOutput } from './publish.js';
import type {
  CompareRequest,
  Comparison,
  DiffRequest,
  DiffResult,
  RowFile,
  WrittenFile,
} from './requests.js';
import { outFolder, removeRunFolder, removeStaleRunFolders, takeRunFolder } from './run-folder.js';

export interface DatasetOptions {
  /** Holds run folders with DuckDB's spill files; made if missing, used by one process at a time. */
  readonly workDir: string;
  /** Of the child process, default 512: DuckDB gets 192 less, at least half. Below 256 it needs more than it is given. */
  readonly memoryLimitMb?: number;
  /** Default 2. */
  readonly threads?: number;
}

/**
 * Set work on batch files. Every request gets a child process and a run folder of its own; both are gone when the
 * promise settles, whatever happened. Requests run one after another, so that the memory limit is the process's.
 * All throw QZ_DATASET_*: CANCELLED within a second of `signal`, COUNT_DIFFERS, BYTES_DIFFER, ROWS_BROKEN and
 * FILE_MISSING for input that is not what its manifest says, MEMORY, DISK_FULL, CHILD_DIED, FAILED.
 */
export interface Dataset {
  /**
   * What turns the baseline into the candidate, keys compared by their row text. Writes `output` as a whole
   * (fsynced, then renamed) or not at all. Also throws NO_KEY, KEY_REPEATED, OUTPUT_EXISTS, OUTPUT_ELSEWHERE.
   */
  diff(request: DiffRequest, signal: AbortSignal): Promise<DiffResult>;
  /** Reconciliation by value. A resource without key items is compared by whole rows with multiplicity. */
  compareSets(request: CompareRequest, signal: AbortSignal): Promise<Comparison>;
  /** Reads and counts; a count other than the files' own is COUNT_DIFFERS. */
  countRows(resource: CatalogResource, files: readonly RowFile[], signal: AbortSignal): Promise<number>;
  /** Ends the running request and refuses later ones. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes the work folder and removes what a crash left in it. */
export async function createDataset(options: DatasetOptions): Promise<Dataset> {
  const workDir = resolve(options.workDir);
  const limits = { memoryLimitMb: options.memoryLimitMb ?? 512, threads: options.threads ?? 2 };
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  await mkdir(workDir, { recursive: true });
  await removeStaleRunFolders(workDir);

  async function run<J extends JobName, T>(
    request: Omit<ChildRequest, keyof typeof limits> & { readonly job: J },
    signal: AbortSignal,
    use: (outcome: JobOutcomes[J], folder: string) => T | Promise<T>,
  ): Promise<T> {
    if (closing.signal.aborted) throw datasetErrors.CLOSED();
    const stop = AbortSignal.any([signal, closing.signal]);
    const before = last;
    const turn = (async () => {
      await reachTurn(before, stop);
      const folder = await takeRunFolder(workDir).catch((cause) => {
        throw fullDisk(cause, workDir) ?? cause;
      });
      try {
        const outcome = await runChild({ ...request, ...limits }, { folder, workDir }, stop);
        return await use(outcome, folder);
      } finally {
        await removeRunFolder(folder);
      }
    })();
    last = Promise.allSettled([before, turn]).then(() => undefined);
    return await turn;
  }

  return {
    async diff(request, signal) {
      const { resource, baseline, candidate, rejected = [] } = request;
      const layout = layoutOf(resource);
      if (layout.keyFields.length === 0) throw datasetErrors.NO_KEY({ resource: resource.code });
      const output = resolve(request.output);
      await checkOutput(output, workDir);
      return await run(
        {
          job: 'diff',
          layout,
          sets: {
            baseline: absolute(baseline),
            candidate: absolute(candidate),
            rejected: absolute(rejected),
          },
        },
        signal,
        async ({ delta, carried, counts }, folder): Promise<DiffResult> => {
          await publishOutput(outFolder(folder), output, workDir);
          return { delta: written(output, delta), carried: written(output, carried), counts };
        },
      );
    },
    async compareSets({ resource, a, b }, signal) {
      return await run(
        { job: 'compare', layout: layoutOf(resource), sets: { a: absolute(a), b: absolute(b) } },
        signal,
        (outcome) => outcome,
      );
    },
    async countRows(resource, files, signal) {
      const request = { job: 'count', layout: layoutOf(resource), sets: { a: absolute(files) } } as const;
      return await run(request, signal, (outcome) => outcome);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await last;
    },
  };
}

/** Waits for the requests before this one; cancelled while it waits, a request answers at once. */
async function reachTurn(before: Promise<unknown>, stop: AbortSignal): Promise<void> {
  if (stop.aborted) throw datasetErrors.CANCELLED();
  let onAbort = () => {};
  const cancelled = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(datasetErrors.CANCELLED());
  });
  stop.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([cancelled, before]);
  } finally {
    stop.removeEventListener('abort', onAbort);
  }
}

/** The child has another current folder. */
function absolute(files: readonly RowFile[]): RowFile[] {
  return files.map((file) => ({ ...file, path: resolve(file.path) }));
}

function written(output: string, files: readonly CutFile[]): WrittenFile[] {
  return files.map(({ name, rows, bytes }) => ({ path: join(output, name), rows, bytes }));
}

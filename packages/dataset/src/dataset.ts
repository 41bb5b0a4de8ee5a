import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
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
import type {
  DeliverRequest,
  DeliverResult,
  FoldRequest,
  FoldResult,
  TraceEvidence,
  TraceRequest,
} from './requests-deliver.js';
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
  /**
   * The state of a resource after more batches. Writes `output` as a whole or not at all. Also throws OUTPUT_EXISTS,
   * OUTPUT_ELSEWHERE, and NO_KEY for a delete of a resource without key.
   */
  fold(request: FoldRequest, signal: AbortSignal): Promise<FoldResult>;
  /**
   * One file for somebody who was granted some of the items, in a keyed order, and the file that recognises its rows; in
   * `output`, whole or not at all. `onProgress` is told the part that is done, from 0 to 1. Also throws NO_KEY (changes without
   * a granted key), KEY_REPEATED, CELL_TOO_LONG, OUTPUT_EXISTS, OUTPUT_ELSEWHERE.
   */
  deliver(
    request: DeliverRequest,
    signal: AbortSignal,
    onProgress?: (done: number) => void,
  ): Promise<DeliverResult>;
  /** What each candidate has of a found file. */
  trace(request: TraceRequest, signal: AbortSignal): Promise<readonly TraceEvidence[]>;
  /** Ends the running request and refuses later ones. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes the work folder. What a crash left in it goes with the first request: whoever only begins to start may yet find that another
 * process is at work there.
 */
export async function createDataset(options: DatasetOptions): Promise<Dataset> {
  const workDir = resolve(options.workDir);
  const limits = { memoryLimitMb: options.memoryLimitMb ?? 512, threads: options.threads ?? 2 };
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  let cleaned: Promise<void> | undefined;
  await mkdir(workDir, { recursive: true });

  async function run<J extends JobName, T>(
    request: Omit<ChildRequest, keyof typeof limits> & { readonly job: J },
    signal: AbortSignal,
    use: (outcome: JobOutcomes[J], folder: string) => T | Promise<T>,
    onProgress?: (done: number) => void,
  ): Promise<T> {
    if (closing.signal.aborted) throw datasetErrors.CLOSED();
    const stop = AbortSignal.any([signal, closing.signal]);
    const before = last;
    const turn = (async () => {
      await reachTurn(before, stop);
      cleaned ??= removeStaleRunFolders(workDir).catch((error: unknown) => {
        cleaned = undefined;
        throw error;
      });
      await cleaned;
      const folder = await takeRunFolder(workDir).catch((cause) => {
        throw fullDisk(cause, workDir) ?? cause;
      });
      try {
        const outcome = await runChild({ ...request, ...limits }, { folder, workDir }, stop, onProgress);
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
    async fold({ resource, base, batches, output: wanted }, signal) {
      const output = resolve(wanted);
      await checkOutput(output, workDir);
      return await run(
        {
          job: 'fold',
          layout: layoutOf(resource),
          sets: { base: absolute(base), batches: absolute(batches) },
        },
        signal,
        async ({ files, rows }, folder) => {
          await publishOutput(outFolder(folder), output, workDir);
          return { rows, files: files.map(({ name, ...file }) => ({ path: join(output, name), ...file })) };
        },
      );
    },
    async deliver({ suppliers, output: wanted, ...spec }, signal, onProgress) {
      const output = resolve(wanted);
      await checkOutput(output, workDir);
      const sets = Object.fromEntries(
        suppliers.flatMap(({ rows, base = [] }, index) => [
          [`rows${index}`, absolute(rows)],
          [`base${index}`, absolute(base)],
        ]),
      );
      const deliver = { ...spec, suppliers: suppliers.length };
      return await run(
        { job: 'deliver', layout: layoutOf(spec.resource), sets, deliver },
        signal,
        async (outcome, folder) => {
          await publishOutput(outFolder(folder), output, workDir);
          return outcome;
        },
        onProgress,
      );
    },
    async trace({ sample, candidates }, signal) {
      const sampleFile = join(workDir, `sample-${randomUUID()}`);
      await writeFile(sampleFile, sample, { mode: 0o600 });
      const layout = { resource: 'trace', fields: 1, keyFields: [], maxRowBytes: 1 };
      try {
        return await run(
          { job: 'trace', layout, sets: {}, trace: { sampleFile, candidates } },
          signal,
          (found) => found,
        );
      } finally {
        await rm(sampleFile, { force: true });
      }
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
function absolute<F extends RowFile>(files: readonly F[]): F[] {
  return files.map((file) => ({ ...file, path: resolve(file.path) }));
}

function written(output: string, files: readonly CutFile[]): WrittenFile[] {
  return files.map(({ name, rows, bytes }) => ({ path: join(output, name), rows, bytes }));
}

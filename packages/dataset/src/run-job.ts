import { openDatabase } from './duckdb/database.js';
import { failureOf } from './duckdb/failure-of.js';
import { compareJob } from './jobs/compare.js';
import { countJob } from './jobs/count.js';
import { deliverJob } from './jobs/deliver.js';
import { diffJob } from './jobs/diff.js';
import { foldJob } from './jobs/fold.js';
import { traceJob } from './jobs/trace.js';
import { type Workspace, workspaceOf } from './jobs/workspace.js';
import { linkSets } from './link-sets.js';
import type { ChildAnswer, ChildRequest, JobName, JobOutcomes } from './protocol.js';

const jobs = {
  diff: diffJob,
  compare: compareJob,
  count: countJob,
  fold: foldJob,
  deliver: deliverJob,
  trace: traceJob,
} satisfies {
  [J in JobName]: (workspace: Workspace) => Promise<JobOutcomes[J]>;
};

/** Runs in the child, with the run folder as current folder. Never throws; never answers a row's content. */
export async function runJob(
  request: ChildRequest,
  tellProgress: (done: number) => void,
): Promise<ChildAnswer> {
  try {
    const linked = await linkSets(request.sets);
    const workspace = workspaceOf(await openDatabase(request), request, linked, tellProgress);
    return { ok: true, outcome: await jobs[request.job](workspace) };
  } catch (error) {
    const { name, details } = failureOf(error, request);
    return { ok: false, error: name, details };
  }
}

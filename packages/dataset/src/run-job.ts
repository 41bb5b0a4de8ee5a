import { openDatabase } from './duckdb/database.js';
import { failureOf } from './duckdb/failure-of.js';
import { type Workspace, workspaceOf } from './jobs/workspace.js';
import { linkSets } from './link-sets.js';
import type { ChildAnswer, ChildRequest, JobName, JobOutcomes } from './protocol.js';

/** Each with what it needs alone: the rest would take a child longer to load than many a job lasts. */
const jobs = {
  diff: async () => (await import('./jobs/diff.js')).diffJob,
  compare: async () => (await import('./jobs/compare.js')).compareJob,
  count: async () => (await import('./jobs/count.js')).countJob,
  fold: async () => (await import('./jobs/fold.js')).foldJob,
  deliver: async () => (await import('./jobs/deliver.js')).deliverJob,
  trace: async () => (await import('./jobs/trace.js')).traceJob,
} satisfies {
  [J in JobName]: () => Promise<(workspace: Workspace) => Promise<JobOutcomes[J]>>;
};

/** Runs in the child, with the run folder as current folder. Never throws; never answers a row's content. */
export async function runJob(
  request: ChildRequest,
  tellProgress: (done: number) => void,
): Promise<ChildAnswer> {
  try {
    const linked = await linkSets(request.sets);
    const workspace = workspaceOf(await openDatabase(request), request, linked, tellProgress);
    const job = await jobs[request.job]();
    return { ok: true, outcome: await job(workspace) };
  } catch (error) {
    const { name, details } = failureOf(error, request);
    return { ok: false, error: name, details };
  }
}

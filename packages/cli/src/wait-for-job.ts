import { setTimeout as pause } from 'node:timers/promises';
import { type AgentControl, controlRoutes, type JobInfo } from '@qianzhi/agent/control';
import { cliErrors } from './errors.js';
import { progressText } from './job-text.js';
import { createProgressLine } from './progress.js';

const ASK_EVERY_MS = 300;
const ended: ReadonlySet<JobInfo['state']> = new Set(['done', 'failed', 'cancelled']);

/** Follows a job to its end and shows how far it is. Throws QZ_CLI_WAIT_ENDED when the person no longer waits. */
export async function waitForJob(agent: AgentControl, first: JobInfo, signal: AbortSignal): Promise<JobInfo> {
  const progress = createProgressLine();
  let job = first;
  try {
    while (!ended.has(job.state)) {
      progress.show(progressText(job));
      await pause(ASK_EVERY_MS, undefined, { signal });
      job = await agent.call(controlRoutes.showJob, { params: { job: job.id } }, signal);
    }
    return job;
  } catch (error) {
    if (signal.aborted) throw cliErrors.WAIT_ENDED({ job: job.id }, error);
    throw error;
  } finally {
    progress.end();
  }
}

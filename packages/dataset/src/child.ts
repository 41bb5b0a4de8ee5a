import type { ChildAnswer, ChildProgress, ChildRequest } from './protocol.js';
import { runJob } from './run-job.js';

// the parent is gone: nobody waits for the result, and the next start removes the run folder
process.on('disconnect', () => process.exit(1));

process.once('message', async (request) => {
  const tellProgress = (progress: number) => process.send?.({ progress } satisfies ChildProgress);
  const answer: ChildAnswer = await runJob(request as ChildRequest, tellProgress);
  // DuckDB's threads would keep the process for a while
  process.send?.(answer, undefined, undefined, () => process.exit(0));
});

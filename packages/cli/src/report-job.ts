import type { JobInfo } from '@qianzhi/agent/control';
import { currentLanguage, fromProblem } from '@qianzhi/model';
import { counted } from './counted.js';
import { rejectedOf, summaryText } from './job-text.js';

/**
 * Tells of a job: its line, what it waits for or failed of. A failed job is reported as the error it failed of, which
 * sets the exit code; a run with rejected rows says so and where to look.
 */
export function reportJob(
  job: JobInfo,
  log: (line: string) => void,
  reportFailure: (error: unknown) => void,
): void {
  log(summaryText(job));
  if (job.state === 'failed' && job.problem) {
    reportFailure(fromProblem(job.problem));
    const { hint } = job.problem.texts[currentLanguage()];
    if (job.restart && !hint.includes(job.restart)) log(`  → ${job.restart}`);
  } else if (job.problem) log(`! ${job.problem.code}  ${job.problem.texts[currentLanguage()].message}`);
  const rejected = rejectedOf(job);
  if (rejected > 0) {
    const look = `qianzhi quarantine list --exchange ${job.exchange}`;
    log(
      currentLanguage() === 'zh'
        ? `! 有 ${rejected} 行被拒绝,未全部成功;查看:${look}`
        : `! ${counted(rejected, 'row was rejected', 'rows were rejected')}, so this was no full success; see: ${look}`,
    );
  }
}

import type { AgentControl, JobInfo } from '@qianzhi/agent/control';
import { Args, Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { reportJob } from '../../report-job.js';
import { waitForJob } from '../../wait-for-job.js';

export default class JobRetry extends AgentCommand {
  static override summary = '立即重试失败、已取消或等待中的作业 / run a failed, cancelled or waiting job now';
  static override description =
    '不给编号则重试每项交换中停在那里的最近一个作业。\nWithout an id: of every exchange the newest job, where it failed, was cancelled or waits.';
  static override examples = [
    '<%= config.bin %> job retry',
    '<%= config.bin %> job retry 0197f3c2',
    '<%= config.bin %> job retry 0197f3c2 --wait',
  ];
  static override args = {
    job: Args.string({ description: '作业编号,见 job list / id of the job, see job list' }),
  };
  static override flags = {
    wait: Flags.boolean({ summary: '等到结束,并显示进度 / wait to the end, with progress' }),
  };

  async run() {
    const { args, flags } = await this.parse(JobRetry);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    return this.withAgent(flags.config, async (agent) => {
      const retry = async (id: string) => {
        const queued = await agent.call(controlRoutes.retryJob, { params: { job: id } }, this.signal);
        const job = flags.wait ? await waitForJob(agent, queued, this.signal) : queued;
        reportJob(
          job,
          (line) => this.log(line),
          (error) => this.reportFailure(error),
        );
        return job;
      };
      if (args.job !== undefined) return retry(args.job);
      const jobs: JobInfo[] = [];
      for (const { id } of await this.halted(agent)) jobs.push(await retry(id));
      if (jobs.length === 0) this.log(this.say('没有停下的作业', 'no job stands still'));
      return { jobs };
    });
  }

  /** Newest first, one of each exchange. */
  private async halted(agent: AgentControl): Promise<readonly JobInfo[]> {
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const { jobs } = await agent.call(controlRoutes.jobs, { query: { limit: 1000 } }, this.signal);
    const newest = new Map<string, JobInfo>();
    for (const job of jobs) if (!newest.has(job.exchange)) newest.set(job.exchange, job);
    return [...newest.values()].filter(({ state }) => ['failed', 'cancelled', 'waiting'].includes(state));
  }
}

import { Args, Flags } from '@oclif/core';
import { AgentCommand } from '../../agent-command.js';
import { reportJob } from '../../report-job.js';
import { waitForJob } from '../../wait-for-job.js';

export default class JobRetry extends AgentCommand {
  static override summary = '立即重试失败、已取消或等待中的作业 / run a failed, cancelled or waiting job now';
  static override examples = [
    '<%= config.bin %> job retry 0197f3c2',
    '<%= config.bin %> job retry 0197f3c2 --wait',
  ];
  static override args = {
    job: Args.string({ required: true, description: '作业编号,见 job list / id of the job, see job list' }),
  };
  static override flags = {
    wait: Flags.boolean({ summary: '等到结束,并显示进度 / wait to the end, with progress' }),
  };

  async run() {
    const { args, flags } = await this.parse(JobRetry);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    return this.withAgent(flags.config, async (agent) => {
      const queued = await agent.call(controlRoutes.retryJob, { params: { job: args.job } }, this.signal);
      const job = flags.wait ? await waitForJob(agent, queued, this.signal) : queued;
      reportJob(
        job,
        (line) => this.log(line),
        (error) => this.reportFailure(error),
      );
      return job;
    });
  }
}

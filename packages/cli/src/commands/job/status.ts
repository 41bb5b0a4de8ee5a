import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { reportJob } from '../../report-job.js';

export default class JobStatus extends AgentCommand {
  static override summary = '一项作业的状态 / one job';
  static override examples = [
    '<%= config.bin %> job status 0197f3c2',
    '<%= config.bin %> job status 0197f3c2 --json',
  ];
  static override args = {
    job: Args.string({ required: true, description: '作业编号,见 job list / id of the job, see job list' }),
  };

  async run() {
    const { args, flags } = await this.parse(JobStatus);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    return this.withAgent(flags.config, async (agent) => {
      const job = await agent.call(controlRoutes.showJob, { params: { job: args.job } }, this.signal);

      reportJob(
        job,
        (line) => this.log(line),
        (error) => this.reportFailure(error),
      );
      return job;
    });
  }
}

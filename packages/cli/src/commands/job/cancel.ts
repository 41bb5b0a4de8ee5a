import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { summaryText } from '../../job-text.js';

export default class JobCancel extends AgentCommand {
  static override summary = '取消作业;已签收的批次不受影响 / cancel a job; receipted batches stay';
  static override examples = ['<%= config.bin %> job cancel 0197f3c2'];
  static override args = {
    job: Args.string({ required: true, description: '作业编号,见 job list / id of the job, see job list' }),
  };

  async run() {
    const { args, flags } = await this.parse(JobCancel);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const job = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.cancelJob, { params: { job: args.job } }, this.signal),
    );
    this.log(summaryText(job));
    return job;
  }
}

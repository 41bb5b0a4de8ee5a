import { Args, Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { reportJob } from '../../report-job.js';
import { waitForJob } from '../../wait-for-job.js';

export default class JobRun extends AgentCommand {
  static override summary = '立即执行一项交换 / run an exchange now';
  static override description =
    '加 --wait 等到结束:失败时按问题类别返回退出码;有行被拒绝时明确提示,退出码仍为 0。\nWith --wait it waits to the end: a failure gives the exit code of its kind; rejected rows are always named and leave it 0.';
  static override examples = [
    '<%= config.bin %> job run supply-village --wait',
    '<%= config.bin %> job run supply-village --wait --json',
  ];
  static override args = {
    exchange: Args.string({ required: true, description: '交换作业名称 / exchange' }),
  };
  static override flags = {
    wait: Flags.boolean({ summary: '等到结束,并显示进度 / wait to the end, with progress' }),
  };

  async run() {
    const { args, flags } = await this.parse(JobRun);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    return this.withAgent(flags.config, async (agent) => {
      const queued = await agent.call(
        controlRoutes.runJob,
        { params: { exchange: args.exchange } },
        this.signal,
      );
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

import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';

export default class JobLog extends AgentCommand {
  static override summary = '一项作业的日志 / log of one job';
  static override examples = [
    '<%= config.bin %> job log 0197f3c2',
    '<%= config.bin %> job log 0197f3c2 --json',
  ];
  static override args = {
    job: Args.string({ required: true, description: '作业编号,见 job list / id of the job, see job list' }),
  };

  async run() {
    const { args, flags } = await this.parse(JobLog);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.jobLog, { params: { job: args.job } }, this.signal),
    );
    for (const { at, level, message, facts } of answer.lines) {
      const details = Object.entries(facts).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      this.log([at, level.padEnd(5), message, ...details].join('  '));
    }
    return answer;
  }
}

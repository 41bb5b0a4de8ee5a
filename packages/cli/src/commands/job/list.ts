import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { rejectedOf, stateText } from '../../job-text.js';
import { timeText, word } from '../../words.js';

export default class JobList extends AgentCommand {
  static override summary = '作业列表,新的在前 / jobs, newest first';
  static override examples = [
    '<%= config.bin %> job list',
    '<%= config.bin %> job list --exchange supply-village --state failed --limit 10',
  ];
  static override flags = {
    exchange: Flags.string({ summary: '交换作业名称 / exchange' }),
    state: Flags.option({
      options: ['queued', 'running', 'waiting', 'done', 'failed', 'cancelled'] as const,
      summary: '状态 / state',
    })(),
    limit: Flags.integer({ default: 50, min: 1, max: 1000, summary: '最多条数 / at most so many' }),
  };

  async run() {
    const { flags } = await this.parse(JobList);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const query = { exchange: flags.exchange, state: flags.state, limit: flags.limit };
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.jobs, { query }, this.signal),
    );
    this.table(answer.jobs, [
      { name: this.say('作业', 'job'), value: (job) => job.id },
      { name: this.say('状态', 'state'), value: stateText },
      { name: this.say('起因', 'cause'), value: (job) => word(job.cause) },
      { name: this.say('开始', 'started'), value: (job) => timeText(job.startedAt) },
      {
        name: this.say('行', 'rows'),
        value: (job) => job.summary?.read || job.summary?.delivered || job.progress?.rows,
      },
      { name: this.say('拒绝', 'rejected'), value: (job) => (job.summary ? rejectedOf(job) : undefined) },
      { name: this.say('问题', 'problem'), value: (job) => job.problem?.code },
    ]);
    return answer;
  }
}

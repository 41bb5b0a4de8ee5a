import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { word } from '../../words.js';

export default class JobResume extends AgentCommand {
  static override summary = '恢复暂停或停止的交换 / start a paused or stopped exchange again';
  static override examples = ['<%= config.bin %> job resume supply-village'];
  static override args = {
    exchange: Args.string({ required: true, description: '交换作业名称 / exchange' }),
  };

  async run() {
    const { args, flags } = await this.parse(JobResume);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const exchange = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.resume, { params: { exchange: args.exchange } }, this.signal),
    );
    this.log(`${exchange.exchange}  ${word(exchange.state)}`);
    return exchange;
  }
}

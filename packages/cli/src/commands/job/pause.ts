import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { word } from '../../words.js';

export default class JobPause extends AgentCommand {
  static override summary = '暂停一项交换:完成当前批次后停下 / pause an exchange after its current batch';
  static override examples = ['<%= config.bin %> job pause supply-village'];
  static override args = {
    exchange: Args.string({ required: true, description: '交换作业名称 / exchange' }),
  };

  async run() {
    const { args, flags } = await this.parse(JobPause);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const exchange = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.pause, { params: { exchange: args.exchange } }, this.signal),
    );
    this.log(`${exchange.exchange}  ${word(exchange.state)}`);
    this.logToStderr(
      this.say(
        `恢复:qianzhi job resume ${exchange.exchange}`,
        `start it again with: qianzhi job resume ${exchange.exchange}`,
      ),
    );
    return exchange;
  }
}

import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { showStream } from '../../stream-text.js';

export default class StreamResnapshot extends AgentCommand {
  static override summary = '下次执行重新全量 / the next run reads a whole snapshot';
  static override examples = ['<%= config.bin %> stream resnapshot xzqh_village'];
  static override args = { stream: Args.string({ required: true, description: '资源代码 / resource code' }) };

  async run() {
    const { args, flags } = await this.parse(StreamResnapshot);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.resnapshot, { params: { stream: args.stream } }, this.signal),
    );
    for (const line of showStream(answer)) this.log(line);
    return answer;
  }
}

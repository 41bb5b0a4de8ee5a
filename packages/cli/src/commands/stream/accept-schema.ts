import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { showStream } from '../../stream-text.js';

export default class StreamAcceptSchema extends AgentCommand {
  static override summary =
    "接受目录的当前结构;必要时开启新纪元 / accept the catalog's current schema; opens a new epoch where needed";
  static override examples = ['<%= config.bin %> stream accept-schema xzqh_village'];
  static override args = { stream: Args.string({ required: true, description: '资源代码 / resource code' }) };

  async run() {
    const { args, flags } = await this.parse(StreamAcceptSchema);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.acceptSchema, { params: { stream: args.stream } }, this.signal),
    );
    for (const line of showStream(answer)) this.log(line);
    return answer;
  }
}

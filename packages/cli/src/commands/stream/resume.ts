import { Args } from '@oclif/core';
import { AgentCommand } from '../../agent-command.js';
import { showStream } from '../../stream-text.js';

export default class StreamResume extends AgentCommand {
  static override summary = '让停止的数据流继续 / let a stopped stream go on';
  static override examples = ['<%= config.bin %> stream resume xzqh_village'];
  static override args = {
    stream: Args.string({
      required: true,
      description: '数据流名称或资源代码 / name of the stream, or resource code',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(StreamResume);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.resumeStream, { params: { stream: args.stream } }, this.signal),
    );
    for (const stream of answer.streams) for (const line of showStream(stream)) this.log(line);
    return answer;
  }
}

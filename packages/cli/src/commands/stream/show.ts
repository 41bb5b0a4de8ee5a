import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { showStream } from '../../stream-text.js';

export default class StreamShow extends AgentCommand {
  static override summary = '一条数据流 / one stream';
  static override examples = [
    '<%= config.bin %> stream show xzqh_village',
    '<%= config.bin %> stream show xzqh_village/mz-agent/1 --json',
  ];
  static override args = {
    stream: Args.string({
      required: true,
      description: '数据流名称或资源代码 / name of the stream, or resource code',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(StreamShow);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const stream = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.showStream, { params: { stream: args.stream } }, this.signal),
    );
    for (const line of showStream(stream)) this.log(line);
    return stream;
  }
}

import type { AgentControl, StreamInfo } from '@qianzhi/agent/control';
import { fromProblem } from '@qianzhi/model';
import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { showStream } from '../../stream-text.js';

export default class StreamResume extends AgentCommand {
  static override summary = '让停止的数据流继续 / let a stopped stream go on';
  static override description =
    '不给名称则恢复全部停止的数据流。\nWithout a name: every stream that stands still.';
  static override examples = [
    '<%= config.bin %> stream resume',
    '<%= config.bin %> stream resume xzqh_village',
  ];
  static override args = {
    stream: Args.string({
      description: '数据流名称或资源代码 / name of the stream, or resource code',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(StreamResume);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const streams = await this.withAgent(flags.config, async (agent) => {
      const names = args.stream === undefined ? await this.halted(agent) : [args.stream];
      const resumed: StreamInfo[] = [];
      for (const stream of names) {
        const answer = await agent.call(controlRoutes.resumeStream, { params: { stream } }, this.signal);
        resumed.push(...answer.streams);
      }
      return resumed;
    });
    for (const stream of streams) {
      for (const line of showStream(stream)) this.log(line);
      // what this command cannot start says which one can
      if (stream.state === 'stopped' && stream.problem) this.reportFailure(fromProblem(stream.problem));
    }
    if (streams.length === 0) this.log(this.say('没有停止的数据流', 'no stream stands still'));
    return { streams };
  }

  private async halted(agent: AgentControl): Promise<readonly string[]> {
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const { streams } = await agent.call(controlRoutes.streams, {}, this.signal);
    return streams.filter(({ state }) => state === 'stopped' || state === 'paused').map(({ name }) => name);
  }
}

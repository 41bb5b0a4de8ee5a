import { AgentCommand } from '../../agent-command.js';
import { sizeText } from '../../job-text.js';
import { word } from '../../words.js';

export default class StreamList extends AgentCommand {
  static override summary = '本机的数据流与交付 / streams and deliveries of this agent';
  static override examples = ['<%= config.bin %> stream list', '<%= config.bin %> stream list --json'];

  async run() {
    const { flags } = await this.parse(StreamList);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.streams, {}, this.signal),
    );
    this.table(answer.streams, [
      { name: this.say('数据流', 'stream'), value: (row) => row.name },
      { name: this.say('方向', 'direction'), value: (row) => word(row.direction) },
      { name: this.say('状态', 'state'), value: (row) => word(row.state) },
      { name: this.say('批次', 'seq'), value: (row) => row.head.seq },
      { name: this.say('已签收', 'receipted'), value: (row) => row.receiptedSeq },
      {
        name: this.say('待确认', 'waiting'),
        value: (row) => `${row.waitingBatches} (${sizeText(row.waitingBytes)})`,
      },
      { name: this.say('失效主键', 'stale keys'), value: (row) => row.staleKeys },
      { name: this.say('问题', 'problem'), value: (row) => row.problem?.code },
    ]);
    return answer;
  }
}

import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { showStream } from '../../stream-text.js';

export default class AgentRecover extends AgentCommand {
  static override summary = '状态丢失或恢复后开启新纪元 / open the next epoch after lost or restored state';
  static override description =
    '以签名记录写明旧的流头与原因,新纪元从全量或比对开始。\nA signed record names the old head and the reason; the new epoch begins with a snapshot or diff.';
  static override examples = [
    '<%= config.bin %> agent recover',
    '<%= config.bin %> agent recover --reason 更换硬盘后从备份恢复',
    '<%= config.bin %> agent recover --resource xzqh_village --reason 状态目录丢失',
  ];
  static override flags = {
    resource: Flags.string({ summary: '只恢复该资源 / this resource only' }),
    reason: Flags.string({
      default: '状态丢失或被还原 / state lost or restored',
      summary: '原因,写入签名记录 / reason, kept in the signed record',
    }),
  };

  async run() {
    const { flags } = await this.parse(AgentRecover);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const body = { reason: flags.reason, ...(flags.resource && { resource: flags.resource }) };
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.recover, { body }, this.signal),
    );
    for (const stream of answer.streams) for (const line of showStream(stream)) this.log(line);
    if (answer.streams.length === 0) this.log(this.say('没有需要恢复的数据流', 'no stream needs it'));
    return answer;
  }
}

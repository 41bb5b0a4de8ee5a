import { resolve } from 'node:path';
import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';

export default class QuarantineExport extends AgentCommand {
  static override summary =
    '把被拒绝的行明文导出到新文件(0600)/ write rejected rows in clear to a new file (0600)';
  static override description =
    '文件含数据原值,由前置机进程写入;用后请安全删除。\nThe file holds real values and is written by the agent process; delete it safely after use.';
  static override examples = [
    '<%= config.bin %> quarantine export --exchange supply-village --out ./rejected.txt',
  ];
  static override flags = {
    exchange: Flags.string({ summary: '交换作业名称 / exchange' }),
    reason: Flags.string({ summary: '原因代码 / reason code' }),
    out: Flags.string({ required: true, summary: '新文件 / the new file' }),
  };

  async run() {
    const { flags } = await this.parse(QuarantineExport);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const body = { exchange: flags.exchange, reason: flags.reason, file: resolve(flags.out) };
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.exportQuarantine, { body }, this.signal),
    );
    this.log(
      this.say(
        `已写入 ${answer.rows} 行:${answer.file}`,
        `wrote ${counted(answer.rows, 'row')}: ${answer.file}`,
      ),
    );
    return answer;
  }
}

import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';
import { reasonText, timeText } from '../../words.js';

export default class QuarantineList extends AgentCommand {
  static override summary =
    '被拒绝的行:只列信息项与原因,不显示值 / rejected rows: item and reason, never values';
  static override examples = [
    '<%= config.bin %> quarantine list',
    '<%= config.bin %> quarantine list --exchange supply-village --reason too-long',
  ];
  static override flags = {
    exchange: Flags.string({ summary: '交换作业名称 / exchange' }),
    reason: Flags.string({ summary: '原因代码 / reason code' }),
    limit: Flags.integer({ default: 100, min: 1, max: 10_000, summary: '最多条数 / at most so many' }),
  };

  async run() {
    const { flags } = await this.parse(QuarantineList);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const query = { exchange: flags.exchange, reason: flags.reason, limit: flags.limit };
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.quarantine, { query }, this.signal),
    );
    this.table(answer.rows, [
      { name: this.say('编号', 'id'), value: (row) => row.id },
      { name: this.say('交换', 'exchange'), value: (row) => row.exchange },
      { name: this.say('操作', 'op'), value: (row) => row.op },
      { name: this.say('信息项', 'item'), value: (row) => row.item },
      { name: this.say('原因', 'reason'), value: (row) => reasonText(row.reason) },
      { name: this.say('位置', 'place'), value: (row) => row.place },
      { name: this.say('字节', 'bytes'), value: (row) => row.bytes },
      { name: this.say('时间', 'at'), value: (row) => timeText(row.at) },
      { name: this.say('次数', 'seen'), value: (row) => row.seen },
      { name: this.say('已导出', 'exported'), value: (row) => (row.exported ? '✓' : '') },
    ]);
    if (answer.rows.length === flags.limit)
      this.logToStderr(
        this.say(
          `只列出最近 ${flags.limit} 行;更多:--limit`,
          `only the newest ${counted(flags.limit, 'row')}; more with --limit`,
        ),
      );
    if (answer.rows.length > 0)
      this.logToStderr(
        this.say(
          '查看原值:qianzhi quarantine export --out 文件;来源改正后再次执行交换即送出',
          'see the values with `qianzhi quarantine export --out FILE`; correct the source and run the exchange again',
        ),
      );
    return answer;
  }
}

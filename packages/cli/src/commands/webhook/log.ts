import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';
import { timeText } from '../../words.js';

const kinds: Readonly<Record<string, readonly [string, string]>> = {
  sending: ['开始投递', 'sending'],
  delivered: ['已送达', 'delivered'],
  failed: ['未送达', 'failed'],
  dead: ['转入死信', 'dead letter'],
  dropped: ['已放弃', 'dropped'],
};

export default class WebhookLog extends AgentCommand {
  static override summary =
    'webhook 投递日志,并核对其链 / what webhooks delivered, when and with which answer, the chain checked';
  static override description =
    '每次投递前后各一条:主机、编号、记录数、摘要、应答;没有记录的值。链不连贯时说明在哪一行,退出码为 9。导出供他人核对:audit export --agent 文件 --log webhooks。\nOne entry before each attempt and one after it: host, id, number of records, digest, answer; no values. Where the chain is broken it says in which line, and the exit code is 9. To have others check it: `audit export --agent FILE --log webhooks`.';
  static override examples = [
    '<%= config.bin %> webhook log',
    '<%= config.bin %> webhook log --webhook oa --limit 5 --json',
  ];
  static override flags = {
    webhook: Flags.string({ summary: '只看此 webhook / of this webhook alone' }),
    limit: Flags.integer({
      default: 20,
      min: 1,
      max: 100_000,
      summary: '最近多少条 / so many of the newest',
    }),
  };

  async run() {
    const { flags } = await this.parse(WebhookLog);
    const { newestDeliveries, readPlace } = await import('@qianzhi/agent');
    const { stateDir } = await readPlace(flags.config);
    const { total, entries } = await newestDeliveries(stateDir, flags.limit, flags.webhook);
    this.table(entries, [
      { name: this.say('时间', 'at'), value: (row) => timeText(row.at) },
      { name: this.say('经过', 'what'), value: (row) => this.say(...(kinds[row.kind] as [string, string])) },
      { name: 'webhook', value: (row) => row.webhook },
      { name: this.say('主机', 'host'), value: (row) => row.host },
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: 'id', value: (row) => row.id },
      { name: this.say('第几次', 'attempt'), value: (row) => row.attempt },
      { name: this.say('记录', 'records'), value: (row) => row.records },
      { name: this.say('应答', 'answer'), value: (row) => row.status },
      { name: this.say('问题', 'problem'), value: (row) => row.code },
    ]);
    this.log(this.say(`${total} 条,链完整`, `${counted(total, 'entry', 'entries')}, the chain holds`));
    return { total, entries };
  }
}

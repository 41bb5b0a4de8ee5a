import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';
import { quotaText } from '../../quota.js';
import { word } from '../../words.js';

export default class UsageDays extends PlatformCommand {
  static override summary = '按日用量与配额,四种方式合计 / usage by day and quota, over all modes';
  static override examples = [
    '<%= config.bin %> usage days',
    '<%= config.bin %> usage days --agreement AGREEMENT --days 30 --json',
  ];
  static override flags = {
    resource: Flags.string({ summary: '资源代码 / resource code' }),
    agreement: Flags.string({ summary: '协议编号 / id of an agreement' }),
    days: Flags.integer({ default: 7, min: 1, max: 400, summary: '天数,含今天 / days, today included' }),
  };

  async run() {
    const { flags } = await this.parse(UsageDays);
    const { resource, agreement, days } = flags;
    const query = { resource, agreement, days };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listUsage, { query }, this.signal),
    );
    this.table(answer.usage, [
      { name: this.say('日期', 'day'), value: (row) => row.day },
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('使用方', 'consumer'), value: (row) => row.consumer },
      { name: this.say('方式', 'mode'), value: (row) => word(row.mode) },
      { name: this.say('次数', 'requests'), value: (row) => row.requests },
      { name: this.say('行', 'rows'), value: (row) => row.rows },
      { name: this.say('字节', 'bytes'), value: (row) => row.bytes },
      { name: this.say('配额', 'quota'), value: (row) => quotaText(row.quota) },
      { name: this.say('协议', 'agreement'), value: (row) => row.agreement },
    ]);
    return answer;
  }
}

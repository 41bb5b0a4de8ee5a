import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { actWord } from '../../agreement/matter-text.js';
import { PlatformCommand } from '../../platform-command.js';
import { timeText } from '../../words.js';

export default class AgreementRulings extends PlatformCommand {
  static override summary =
    '公布的协商结果、会审和裁定 (R071, R073) / published negotiations, reviews and rulings';
  static override examples = ['<%= config.bin %> agreement rulings'];
  static override flags = {
    limit: Flags.integer({ default: 100, min: 1, max: 1000, summary: '最多几条 / at most so many' }),
  };

  async run() {
    const { flags } = await this.parse(AgreementRulings);
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listRulings, { query: { limit: flags.limit } }, this.signal),
    );
    this.table(answer.rulings, [
      { name: this.say('时间', 'time'), value: (row) => timeText(row.at) },
      { name: this.say('协议', 'agreement'), value: (row) => row.agreement },
      { name: this.say('提供方', 'provider'), value: (row) => row.provider },
      { name: this.say('使用方', 'consumer'), value: (row) => row.consumer },
      { name: this.say('结果', 'result'), value: (row) => actWord(row.act) },
      { name: this.say('记录', 'record'), value: (row) => row.text },
    ]);
    return answer;
  }
}

import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { PlatformCommand } from '../../../platform-command.js';
import { timeText, word } from '../../../words.js';

export default class AgreementScenarioList extends PlatformCommand {
  static override summary = '应用场景 (R078) / scenarios that grant directly';
  static override examples = [
    '<%= config.bin %> agreement scenario list',
    '<%= config.bin %> agreement scenario list --resource enterprise --ended',
  ];
  static override flags = {
    resource: Flags.string({ summary: '资源代码 / resource code' }),
    ended: Flags.boolean({ summary: '含已终止和到期的 / ended and expired ones, too' }),
  };

  async run() {
    const { flags } = await this.parse(AgreementScenarioList);
    const query = { resource: flags.resource, ended: flags.ended };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listScenarios, { query }, this.signal),
    );
    this.table(answer.scenarios, [
      { name: this.say('代号', 'id'), value: (row) => row.id },
      { name: this.say('名称', 'name'), value: (row) => row.name },
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('信息项', 'items'), value: (row) => row.items.join(' ') },
      { name: this.say('事项', 'matter'), value: (row) => row.purpose.matter },
      { name: this.say('方式', 'modes'), value: (row) => row.modes.map(word).join(' ') },
      { name: this.say('有效期止', 'valid until'), value: (row) => timeText(row.validTo) },
      { name: this.say('已终止', 'ended'), value: (row) => row.ended?.reason ?? '—' },
    ]);
    return answer;
  }
}

import { Flags } from '@oclif/core';
import { agreementStates, personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../../platform-command.js';
import { word } from '../../words.js';

export default class AgreementList extends PlatformCommand {
  static override summary = '协议列表 / agreements of the own department';
  static override examples = [
    '<%= config.bin %> agreement list',
    '<%= config.bin %> agreement list --state applied',
  ];
  static override flags = {
    resource: Flags.string({ summary: '资源代码 / resource code' }),
    state: Flags.option({
      options: agreementStates,
      summary: '状态 / state',
    })(),
  };

  async run() {
    const { flags } = await this.parse(AgreementList);
    const query = { resource: flags.resource, state: flags.state };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listAgreements, { query }, this.signal),
    );
    this.table(answer.agreements, [
      { name: this.say('协议', 'agreement'), value: (row) => row.id },
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('状态', 'state'), value: (row) => word(row.state) },
      { name: this.say('环节', 'stage'), value: (row) => row.stage && word(row.stage) },
      { name: this.say('提供方', 'provider'), value: (row) => row.provider },
      { name: this.say('使用方', 'consumer'), value: (row) => row.consumer },
      { name: this.say('事项', 'matter'), value: (row) => row.purpose.matter },
      { name: this.say('信息项', 'items'), value: (row) => row.items.length },
      { name: this.say('理由', 'reason'), value: (row) => row.reason },
    ]);
    return answer;
  }
}

import { agreementStates, currentLanguage, matterStageWords, personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';
import { word } from '../../words.js';

export default class AgreementList extends PlatformCommand {
  static override summary = '协议列表 / agreements of the own department';
  static override examples = [
    '<%= config.bin %> agreement list',
    '<%= config.bin %> agreement list --state applied --limit 20',
  ];
  static override flags = {
    resource: Flags.string({ summary: '资源代码 / resource code' }),
    state: Flags.option({
      options: agreementStates,
      summary: '状态 / state',
    })(),
    limit: Flags.integer({
      min: 1,
      max: 500,
      summary: '只取一页,至多这么多条 / one page of at most so many; all unless told',
    }),
    after: Flags.string({
      summary: '接着上一页:其输出的 next / go on after a page: its `next`',
      dependsOn: ['limit'],
    }),
  };

  async run() {
    const { flags } = await this.parse(AgreementList);
    const { resource, state, limit, after } = flags;
    const query = { resource, state, limit, after };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listAgreements, { query }, this.signal),
    );
    this.table(answer.agreements, [
      { name: this.say('协议', 'agreement'), value: (row) => row.id },
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('状态', 'state'), value: (row) => word(row.state) },
      {
        name: this.say('环节', 'stage'),
        value: (row) => row.stage && matterStageWords[row.stage][currentLanguage()],
      },
      { name: this.say('提供方', 'provider'), value: (row) => row.provider },
      { name: this.say('使用方', 'consumer'), value: (row) => row.consumer },
      { name: this.say('事项', 'matter'), value: (row) => row.purpose.matter },
      { name: this.say('信息项', 'items'), value: (row) => row.items.length },
      { name: this.say('理由', 'reason'), value: (row) => row.reason },
    ]);
    if (answer.next) this.moreAfter(answer.next);
    return answer;
  }
}

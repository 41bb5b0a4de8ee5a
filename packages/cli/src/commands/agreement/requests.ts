import { currentLanguage, matterStages, matterStageText, personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { requestState } from '../../agreement/request-text.js';
import { PlatformCommand } from '../../platform-command.js';
import { timeText } from '../../words.js';

export default class AgreementRequests extends PlatformCommand {
  static override summary =
    '目录外申请列表 (R069) / off-catalog requests of the own department, newest first';
  static override examples = [
    '<%= config.bin %> agreement requests',
    '<%= config.bin %> agreement requests --stage forwarding',
  ];
  static override flags = {
    stage: Flags.option({ options: matterStages, summary: '环节 / stage' })(),
    limit: Flags.integer({
      default: 100,
      min: 1,
      max: 500,
      summary: '一页至多这么多条 / a page of at most so many',
    }),
    after: Flags.string({ summary: '接着上一页:其输出的 next / go on after a page: its `next`' }),
  };

  async run() {
    const { flags } = await this.parse(AgreementRequests);
    const { stage, limit, after } = flags;
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listRequests, { query: { stage, limit, after } }, this.signal),
    );
    this.table(answer.requests, [
      { name: this.say('编号', 'id'), value: (row) => row.id },
      { name: this.say('所需信息', 'what is needed'), value: (row) => row.name },
      {
        name: this.say('环节', 'stage'),
        value: (row) => matterStageText(row.stage, row.id)[currentLanguage()],
      },
      { name: this.say('申请部门', 'applicant'), value: (row) => row.consumer },
      { name: this.say('答复部门', 'replied to by'), value: (row) => row.provider },
      { name: this.say('信息项', 'items'), value: (row) => row.items.length },
      { name: this.say('申请时间', 'applied'), value: (row) => timeText(row.appliedAt) },
      { name: this.say('目录', 'catalog'), value: (row) => requestState(row) },
    ]);
    if (answer.next) this.moreAfter(answer.next);
    return answer;
  }
}

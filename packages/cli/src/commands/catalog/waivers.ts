import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';
import { timeText } from '../../words.js';

export default class CatalogWaivers extends PlatformCommand {
  static override summary =
    '免报的资源及其上级资源 (R139) / resources whose supply is waived, and what stands for them';
  static override examples = [
    '<%= config.bin %> catalog waivers',
    '<%= config.bin %> catalog waivers --department mz --ended',
  ];
  static override flags = {
    department: Flags.string({ summary: '只看某部门 / of one department' }),
    ended: Flags.boolean({ summary: '也列出已结束的 / those that ended as well' }),
  };

  async run() {
    const { flags } = await this.parse(CatalogWaivers);
    const { department, ended } = flags;
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listWaivers, { query: { department, ended } }, this.signal),
    );
    this.table(answer.waivers, [
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('部门', 'department'), value: (row) => row.department },
      { name: this.say('上级资源', 'upper resource'), value: (row) => row.upper },
      { name: this.say('上级平台', 'upper platform'), value: (row) => row.platform },
      { name: this.say('系统', 'system'), value: (row) => row.system },
      { name: this.say('依据', 'basis'), value: (row) => row.basis },
      { name: this.say('自', 'since'), value: (row) => timeText(row.waivedAt) },
      { name: this.say('由', 'by'), value: (row) => row.waivedBy },
      { name: this.say('结束', 'ended'), value: (row) => timeText(row.endedAt) },
      { name: this.say('结束理由', 'why'), value: (row) => row.endReason },
    ]);
    return answer;
  }
}

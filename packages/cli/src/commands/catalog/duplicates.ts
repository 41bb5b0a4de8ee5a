import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';
import { timeText } from '../../words.js';

export default class CatalogDuplicates extends PlatformCommand {
  static override summary = '多部门重复供给 (R039) / the same data supplied by several departments';
  static override description = [
    '发布时比对其他部门的资源:信息项名称八成以上相同,或主键相同且六成以上相同。由主管部门确定责任来源:catalog decide-source。',
    'Compared at publication with resources of other departments: 80 % of the item names, or 60 % under the same key. A competent department names the responsible source with catalog decide-source.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> catalog duplicates --open',
    '<%= config.bin %> catalog duplicates --department mz',
  ];
  static override flags = {
    department: Flags.string({ summary: '只看涉及某部门的 / that concern a department' }),
    open: Flags.boolean({ summary: '只看尚未决定的 / only those not decided yet' }),
  };

  async run() {
    const { flags } = await this.parse(CatalogDuplicates);
    const query = { department: flags.department, ...(flags.open && { open: true }) };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listDuplicates, { query }, this.signal),
    );
    this.table(answer.duplicates, [
      { name: this.say('资源', 'resource'), value: ({ first }) => `${first.code} (${first.department})` },
      { name: this.say('资源', 'resource'), value: ({ second }) => `${second.code} (${second.department})` },
      { name: this.say('相同信息项', 'items in common'), value: ({ common }) => common },
      { name: this.say('相同占比', 'alike'), value: ({ percent }) => `${percent} %` },
      { name: this.say('发现于', 'found'), value: ({ foundAt }) => timeText(foundAt) },
      {
        name: this.say('责任来源', 'responsible source'),
        value: ({ decision }) => decision && (decision.responsible ?? this.say('两者并存', 'both go on')),
      },
      { name: this.say('理由', 'reason'), value: ({ decision }) => decision?.note },
    ]);
    return answer;
  }
}

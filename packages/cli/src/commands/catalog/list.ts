import { Flags } from '@oclif/core';
import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../../platform-command.js';
import { word } from '../../words.js';

export default class CatalogList extends PlatformCommand {
  static override summary = '目录列表 / published resources';
  static override examples = [
    '<%= config.bin %> catalog list',
    '<%= config.bin %> catalog list --department mz --text 登记',
  ];
  static override flags = {
    department: Flags.string({ summary: '只看某部门 / of one department' }),
    text: Flags.string({ summary: '名称或代码中的文字 / text in name or code' }),
  };

  async run() {
    const { flags } = await this.parse(CatalogList);
    const query = { department: flags.department, text: flags.text };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listCatalog, { query }, this.signal),
    );
    this.table(answer.resources, [
      { name: this.say('代码', 'code'), value: (row) => row.resource.code },
      { name: this.say('名称', 'name'), value: (row) => row.resource.name },
      { name: this.say('部门', 'department'), value: (row) => row.resource.department },
      { name: this.say('共享', 'sharing'), value: (row) => word(row.resource.sharing) },
      { name: this.say('信息项', 'items'), value: (row) => row.resource.items.length },
      { name: this.say('版本', 'version'), value: (row) => row.resource.schemaVersion },
      {
        name: this.say('保密审查', 'secrecy review'),
        value: (row) => row.secrecyReview && word(row.secrecyReview.result),
      },
      { name: this.say('供数前置机', 'suppliers'), value: (row) => row.suppliers.join(' ') || '—' },
    ]);
    return answer;
  }
}

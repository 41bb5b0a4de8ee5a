import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../../platform-command.js';
import { word } from '../../words.js';

export default class DepartmentRoster extends PlatformCommand {
  static override summary = '联系人名册 / the roster: contacts of every unit, and who is missing';
  static override examples = ['<%= config.bin %> department roster'];

  async run() {
    const { flags } = await this.parse(DepartmentRoster);
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.roster, {}, this.signal),
    );
    const lines = answer.roster.flatMap(({ department, name, contacts, missing }) => [
      ...contacts.map((contact) => ({ ...contact, department, unit: name })),
      ...missing.map((role) => ({
        department,
        unit: name,
        role,
        name: this.say('(缺)', '(missing)'),
        title: '',
        phone: '',
        since: '',
      })),
    ]);
    this.table(lines, [
      { name: this.say('部门', 'department'), value: (row) => row.department },
      { name: this.say('名称', 'unit'), value: (row) => row.unit },
      { name: this.say('角色', 'role'), value: (row) => word(row.role) },
      { name: this.say('姓名', 'name'), value: (row) => row.name },
      { name: this.say('职务', 'position'), value: (row) => row.title },
      { name: this.say('电话', 'telephone'), value: (row) => row.phone },
      { name: this.say('起始', 'since'), value: (row) => row.since },
    ]);
    return answer;
  }
}

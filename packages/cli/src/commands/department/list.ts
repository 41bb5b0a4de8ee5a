import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../../platform-command.js';

export default class DepartmentList extends PlatformCommand {
  static override summary = '部门列表 / departments';
  static override examples = ['<%= config.bin %> department list'];

  async run() {
    const { flags } = await this.parse(DepartmentList);
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listDepartments, {}, this.signal),
    );
    this.table(answer.departments, [
      { name: this.say('部门', 'department'), value: (row) => row.id },
      { name: this.say('名称', 'name'), value: (row) => row.name },
      { name: this.say('行政区划', 'region'), value: (row) => row.region },
      { name: this.say('公安', 'police'), value: (row) => (row.police ? '✓' : '') },
      { name: this.say('主管部门', 'competent'), value: (row) => (row.competent ? '✓' : '') },
    ]);
    return answer;
  }
}

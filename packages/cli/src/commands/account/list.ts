import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../../platform-command.js';
import { roleText } from '../../words.js';

export default class AccountList extends PlatformCommand {
  static override aliases = ['user:list'];
  static override summary = '账号列表 / accounts';
  static override examples = ['<%= config.bin %> account list'];

  async run() {
    const { flags } = await this.parse(AccountList);
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listAccounts, {}, this.signal),
    );
    this.table(answer.accounts, [
      { name: this.say('账号', 'account'), value: (row) => row.account },
      { name: this.say('姓名', 'name'), value: (row) => row.name },
      { name: this.say('部门', 'department'), value: (row) => row.department },
      { name: this.say('角色', 'roles'), value: (row) => row.roles.map(roleText).join(', ') },
      { name: this.say('停用', 'disabled'), value: (row) => (row.disabled ? '✓' : '') },
    ]);
    return answer;
  }
}

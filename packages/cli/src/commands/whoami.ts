import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../platform-command.js';
import { roleText } from '../words.js';

export default class WhoAmI extends PlatformCommand {
  static override summary = '当前登录的账号 / the account signed in';
  static override examples = ['<%= config.bin %> whoami'];

  async run() {
    const { flags } = await this.parse(WhoAmI);
    const account = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.whoAmI, {}, this.signal),
    );
    this.log(
      `${account.account}  ${account.name}  ${account.department ?? '—'}  ${account.roles.map(roleText).join(', ')}`,
    );
    return account;
  }
}

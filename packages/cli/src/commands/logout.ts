import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../platform-command.js';
import { forgetSession } from '../session.js';

export default class Logout extends PlatformCommand {
  static override summary = '退出登录 / sign out';
  static override examples = ['<%= config.bin %> logout', '<%= config.bin %> logout --profile officer'];

  async run() {
    const { flags } = await this.parse(Logout);
    await this.withPlatform(flags.profile, (client) => client.call(personRoutes.signOut, {}, this.signal));
    await forgetSession(flags.profile);
    this.log(this.say('已退出', 'signed out'));
    return { profile: flags.profile };
  }
}

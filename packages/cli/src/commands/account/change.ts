import { personRoutes, type Role, roles } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { readSecret } from '../../input.js';
import { PlatformCommand } from '../../platform-command.js';

export default class AccountChange extends PlatformCommand {
  static override aliases = ['user:change'];
  static override summary =
    '停用、启用、改角色、重设口令或解除动态口令 / disable, enable, change roles, reset password or one-time code';
  static override examples = [
    '<%= config.bin %> account change wang --disable',
    '<%= config.bin %> account change wang --role approver',
  ];
  static override args = { account: Args.string({ required: true, description: '账号 / account' }) };
  static override flags = {
    disable: Flags.boolean({ summary: '停用 / disable', exclusive: ['enable'] }),
    enable: Flags.boolean({ summary: '启用 / enable' }),
    role: Flags.option({
      options: roles,
      multiple: true,
      helpValue: '<role>',
      summary: '新的全部角色 / all roles from now on',
    })(),
    'reset-totp': Flags.boolean({
      summary: '解除动态口令(认证器丢失)/ drop the one-time code of a lost authenticator',
    }),
    'password-file': Flags.string({ summary: '新口令文件 / file with the new password' }),
  };

  async run() {
    const { args, flags } = await this.parse(AccountChange);
    const file = flags['password-file'];
    const body = {
      ...(flags.disable && { disabled: true }),
      ...(flags.enable && { disabled: false }),
      ...(flags['reset-totp'] && { resetTotp: true }),
      ...(flags.role && { roles: flags.role as Role[] }),
      ...(file && {
        password: await readSecret({ file, prompt: '', what: 'password', flag: '--password-file' }),
      }),
    };
    const account = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.changeAccount, { params: { account: args.account }, body }, this.signal),
    );
    this.log(
      this.say(
        `账号 ${account.account} 已更新,其会话已结束`,
        `account ${account.account} is changed and signed out everywhere`,
      ),
    );
    return account;
  }
}

import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { askText, canAsk } from '../../ask.js';
import { PlatformCommand } from '../../platform-command.js';

export default class AccountTotp extends PlatformCommand {
  static override aliases = ['user:totp'];
  static override summary = '为自己的账号绑定动态口令 / set up a one-time code for the own account';
  static override description =
    '不带 --code 时显示密钥(仅此一次),录入认证器;再以首个 6 位数字确认,得到 10 个恢复码(仅此一次,抄下保存)。此后登录须另给 --code。\nWithout --code it shows the secret, this once, for an authenticator app; its first 6 digits confirm it and bring 10 recovery codes, this once: write them down. From then on signing in takes --code as well.';
  static override examples = [
    '<%= config.bin %> account totp',
    '<%= config.bin %> account totp --code 123456',
  ];
  static override flags = {
    code: Flags.string({ summary: '认证器上的 6 位数字 / the 6 digits of the authenticator' }),
  };

  async run() {
    const { flags } = await this.parse(AccountTotp);
    return this.withPlatform(flags.profile, async (client) => {
      let code = flags.code;
      if (code === undefined) {
        const begun = await client.call(personRoutes.beginTotp, {}, this.signal);
        this.log(this.say(`密钥:${begun.secret}`, `secret: ${begun.secret}`));
        this.log(begun.uri);
        if (this.jsonEnabled() || !canAsk()) {
          this.log(
            this.say(
              '录入认证器后以首个数字确认:qianzhi account totp --code 动态口令',
              'enter it into the authenticator, then confirm with its first digits: qianzhi account totp --code CODE',
            ),
          );
          return begun;
        }
        code = await askText({ message: this.say('认证器上的 6 位数字', 'the 6 digits it shows') });
      }
      const confirmed = await client.call(personRoutes.confirmTotp, { body: { code } }, this.signal);
      this.log(this.say('已绑定。恢复码,各可用一次:', 'set up. Recovery codes, each good once:'));
      for (const one of confirmed.recoveryCodes) this.log(one);
      return confirmed;
    });
  }
}

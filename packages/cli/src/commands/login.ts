import { createClient } from '@qianzhi/client';
import { isQianzhiError, personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { askSecret, canAsk } from '../ask.js';
import { readSecret } from '../input.js';
import { PlatformCommand } from '../platform-command.js';
import { lastSession, writeSession } from '../session.js';
import { timeText, word } from '../words.js';

export default class Login extends PlatformCommand {
  static override summary = '登录平台 / sign in to a platform';
  static override description =
    '口令从隐藏提示、文件或标准输入读取,不出现在命令行。\nThe password is asked for, or read from a file or standard input; never given on the command line.';
  static override examples = [
    '<%= config.bin %> login --url http://10.1.2.3:8340 --account wang',
    '<%= config.bin %> login --url http://10.1.2.3:8340 --account wang --password-file ./password --profile officer',
  ];
  static override flags = {
    url: Flags.string({
      summary: '平台地址,默认取上次登录 / address of the platform; the last one unless given',
    }),
    account: Flags.string({ summary: '账号,默认取上次登录 / account; the last one unless given' }),
    code: Flags.string({
      summary: '动态口令或恢复码 / one-time code or recovery code, where the account has one',
    }),
    'password-file': Flags.string({
      summary: '口令文件,- 为标准输入 / file with the password, - for standard input',
    }),
  };

  async run() {
    const { flags } = await this.parse(Login);
    const { url, account: name } = await this.whereAndWho(flags);
    const password = await readSecret({
      file: flags['password-file'],
      prompt: this.say('口令', 'password'),
      what: this.say('口令', 'the password'),
      flag: '--password-file',
    });
    const client = createClient({ url, identity: { kind: 'anonymous' } });
    try {
      const enter = (code: string | undefined) =>
        client.call(
          personRoutes.signIn,
          { body: { account: name, password, ...(code !== undefined && { code }) } },
          this.signal,
        );
      const { token, expiresAt, account, enrolTotp } = await enter(flags.code).catch((error) => {
        if (!isQianzhiError(error, 'QZ_PLATFORM_TOTP_CODE_REQUIRED') || !canAsk()) throw error;
        return askSecret(this.say('动态口令', 'one-time code')).then(enter);
      });
      await writeSession(flags.profile, { url, account: account.account, token, expiresAt });
      this.log(
        this.say(
          `已登录:${account.name}(${account.roles.map(word).join('、')}),有效至 ${timeText(expiresAt)}`,
          `signed in as ${account.name} (${account.roles.join(', ')}) until ${timeText(expiresAt)}`,
        ),
      );
      if (enrolTotp)
        this.log(
          this.say(
            '此账号须先绑定动态口令:qianzhi account totp',
            'this account first needs a one-time code: qianzhi account totp',
          ),
        );
      return { account, expiresAt, ...(enrolTotp && { enrolTotp }) };
    } finally {
      await client.close();
    }
  }

  /** Signing in again goes to the same platform as the same person. Throws QZ_CLI_NOT_SIGNED_IN where that is not known. */
  private async whereAndWho({ url, account, profile }: { url?: string; account?: string; profile: string }) {
    if (url !== undefined && account !== undefined) return { url, account };
    const last = await lastSession(profile);
    return { url: url ?? last.url, account: account ?? last.account };
  }
}

import { createClient } from '@qianzhi/client';
import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { readSecret } from '../../input.js';
import { QianzhiCommand } from '../../qianzhi-command.js';

export default class PlatformSetup extends QianzhiCommand {
  static override summary = '以首次启动码建立安全保密员账号 / make the first account, the security officer';
  static override description =
    '首次启动码由 platform start 打印一次。\nThe first-start code is printed once by `platform start`.';
  static override examples = [
    '<%= config.bin %> platform setup --url http://127.0.0.1:8340 --account officer --name 张三 --code-file ./code',
  ];
  static override flags = {
    url: Flags.string({ required: true, summary: '平台地址 / address of the platform' }),
    account: Flags.string({ required: true, summary: '账号 / account' }),
    name: Flags.string({ required: true, summary: '姓名 / name' }),
    'code-file': Flags.string({ summary: '首次启动码文件 / file with the first-start code' }),
    'password-file': Flags.string({
      summary: '口令文件(至少 12 位)/ file with the password, 12 characters or more',
    }),
  };

  async run() {
    const { flags } = await this.parse(PlatformSetup);
    const code = await readSecret({
      file: flags['code-file'],
      prompt: this.say('首次启动码', 'first-start code'),
      what: this.say('首次启动码', 'the first-start code'),
      flag: '--code-file',
    });
    const password = await readSecret({
      file: flags['password-file'],
      prompt: this.say('口令(至少 12 位)', 'password (12 characters or more)'),
      what: this.say('口令', 'the password'),
      flag: '--password-file',
    });
    const client = createClient({ url: flags.url, identity: { kind: 'anonymous' } });
    try {
      const account = await client.call(
        personRoutes.setup,
        { body: { code, account: flags.account, name: flags.name, password } },
        this.signal,
      );
      this.log(
        this.say(
          `已建立安全保密员账号 ${account.account};下一步:qianzhi login --url ${flags.url} --account ${account.account}`,
          `the security officer ${account.account} is there; next: qianzhi login --url ${flags.url} --account ${account.account}`,
        ),
      );
      return account;
    } finally {
      await client.close();
    }
  }
}

import { Args, Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { writeNewFile } from '../../output.js';
import { timeText } from '../../words.js';

const DAY_MS = 86_400_000;

export default class ApiKeyCreate extends AgentCommand {
  static override summary = '为业务系统新建接口密钥 / make a business system a key for the API';
  static override description =
    '密钥只显示这一次;前置机只存其摘要。运行中的前置机立即认它。\nThe key is shown this once; the agent keeps a digest of it. A running agent takes it at once.';
  static override examples = [
    '<%= config.bin %> api-key create crm --scope push:firm',
    '<%= config.bin %> api-key create erp --scope read:firm --scope query:* --days 365 --out erp.key',
  ];
  static override args = {
    system: Args.string({ required: true, description: '业务系统名 / name of the business system' }),
  };
  static override flags = {
    scope: Flags.string({
      multiple: true,
      required: true,
      summary: '权限:push|read|query:资源,* 为全部 / scope: push, read or query, and a resource; * is all',
    }),
    days: Flags.integer({ min: 1, max: 3650, summary: '有效天数;不给则长期 / good for so many days' }),
    out: Flags.string({
      summary: '写入新文件(0600),不显示 / write it to a new file of mode 0600 instead of showing it',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(ApiKeyCreate);
    const { createApiKey, readRunningPlace } = await import('@qianzhi/agent/control');
    const { stateDir } = await readRunningPlace(flags.config);
    const now = new Date();
    const expiresAt =
      flags.days === undefined ? undefined : new Date(now.getTime() + flags.days * DAY_MS).toISOString();
    const { key, text } = await createApiKey(
      stateDir,
      { system: args.system, scopes: flags.scope, expiresAt },
      now,
      async (text) => {
        if (flags.out !== undefined) await writeNewFile(flags.out, `${text}\n`);
      },
    );
    const until = timeText(key.expiresAt) ?? this.say('长期', 'no end');
    this.log(
      this.say(
        `密钥 ${key.id}(${key.system}):${key.scopes.join(' ')},有效至 ${until}`,
        `key ${key.id} of ${key.system}: ${key.scopes.join(' ')}, good until ${until}`,
      ),
    );
    if (flags.out === undefined) this.log(text);
    else this.log(this.say(`已写入 ${flags.out}`, `written to ${flags.out}`));
    return { ...key, ...(flags.out === undefined ? { text } : { file: flags.out }) };
  }
}

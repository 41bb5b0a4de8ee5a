import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';

export default class ApiKeyRevoke extends AgentCommand {
  static override summary = '吊销接口密钥,立即生效 / revoke a key, at once';
  static override examples = ['<%= config.bin %> api-key revoke 0123456789abcdef'];
  static override args = {
    key: Args.string({ required: true, description: '编号,见 api-key list / its id, see api-key list' }),
  };

  async run() {
    const { args, flags } = await this.parse(ApiKeyRevoke);
    const { readRunningPlace, revokeApiKey } = await import('@qianzhi/agent/control');
    const { stateDir } = await readRunningPlace(flags.config);
    const key = await revokeApiKey(stateDir, args.key, new Date());
    this.log(
      this.say(
        `✓ 密钥 ${key.id}(${key.system})已吊销;打开的事件流一秒内关闭`,
        `✓ key ${key.id} of ${key.system} is revoked; its open event streams end within a second`,
      ),
    );
    return key;
  }
}

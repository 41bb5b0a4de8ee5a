import { AgentCommand } from '../../agent-command.js';
import { timeText } from '../../words.js';

export default class ApiKeyList extends AgentCommand {
  static override summary = '接口密钥一览 / the keys of business systems';
  static override examples = ['<%= config.bin %> api-key list'];

  async run() {
    const { flags } = await this.parse(ApiKeyList);
    const { isGood, listApiKeys, readRunningPlace } = await import('@qianzhi/agent/control');
    const { stateDir } = await readRunningPlace(flags.config);
    const now = new Date();
    const keys = (await listApiKeys(stateDir)).map((key) => ({ ...key, good: isGood(key, now) }));
    this.table(keys, [
      { name: this.say('编号', 'id'), value: (key) => key.id },
      { name: this.say('业务系统', 'system'), value: (key) => key.system },
      { name: this.say('权限', 'scopes'), value: (key) => key.scopes.join(' ') },
      { name: this.say('建于', 'made'), value: (key) => timeText(key.createdAt) },
      { name: this.say('到期', 'ends'), value: (key) => timeText(key.expiresAt) },
      { name: this.say('吊销', 'revoked'), value: (key) => timeText(key.revokedAt) },
      { name: this.say('有效', 'good'), value: (key) => (key.good ? '✓' : '✗') },
    ]);
    return { keys };
  }
}

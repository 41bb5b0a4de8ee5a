import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';

export default class AgentRevoke extends PlatformCommand {
  static override summary = '吊销前置机及其密钥 / revoke an agent and its keys';
  static override examples = ['<%= config.bin %> agent revoke mz-agent --reason 设备报废'];
  static override args = {
    agent: Args.string({ required: true, description: '前置机标识 / id of the agent' }),
  };
  static override flags = { reason: Flags.string({ required: true, summary: '原因 / reason' }) };

  async run() {
    const { args, flags } = await this.parse(AgentRevoke);
    const agent = await this.withPlatform(flags.profile, (client) =>
      client.call(
        personRoutes.revokeAgent,
        { params: { agent: args.agent }, body: { reason: flags.reason } },
        this.signal,
      ),
    );
    this.log(this.say(`前置机 ${agent.agent} 已吊销`, `agent ${agent.agent} is revoked`));
    return agent;
  }
}

import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';

export default class WebhookTest extends AgentCommand {
  static override summary = '试发一条(type: test,不含记录)/ send a trial (type: test, no records)';
  static override examples = [
    '<%= config.bin %> webhook test oa',
    '<%= config.bin %> webhook test oa --json',
  ];
  static override args = {
    webhook: Args.string({ required: true, description: 'webhook 名称 / name of the webhook' }),
  };

  async run() {
    const { args, flags } = await this.parse(WebhookTest);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const { webhook } = args;
    const { host } = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.testWebhook, { params: { webhook } }, this.signal),
    );
    this.log(this.say(`✓ ${webhook}:${host} 已收下`, `✓ ${webhook}: ${host} took it`));
    return { webhook, host };
  }
}

import { Args, Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';

export default class WebhookDrop extends AgentCommand {
  static override summary = '放弃死信,继续后面的变化 / give dead letters up and go on with what follows';
  static override description =
    '业务系统不会再收到这些变化;不给 --id 则放弃该 webhook 的全部死信。\nThe business system will not be told of these changes. Without --id all dead letters of the webhook.';
  static override examples = [
    '<%= config.bin %> webhook drop oa --id msg_0197f3c2',
    '<%= config.bin %> webhook drop oa',
  ];
  static override args = {
    webhook: Args.string({ required: true, description: 'webhook 名称 / name of the webhook' }),
  };
  static override flags = { id: Flags.string({ summary: '只放弃这一批 / this one only' }) };

  async run() {
    const { args, flags } = await this.parse(WebhookDrop);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const body = flags.id === undefined ? {} : { id: flags.id };
    const { letters } = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.dropWebhook, { params: { webhook: args.webhook }, body }, this.signal),
    );
    this.log(
      this.say(
        `已放弃 ${letters} 批死信`,
        `${counted(letters, 'dead letter was', 'dead letters were')} given up`,
      ),
    );
    return { letters };
  }
}

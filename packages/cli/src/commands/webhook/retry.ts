import { Args, Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';

export default class WebhookRetry extends AgentCommand {
  static override summary = '重新投递死信 / send dead letters once more';
  static override description =
    '不给 --id 则投递该 webhook 的全部死信,按原来的顺序。\nWithout --id all dead letters of the webhook, in their order.';
  static override examples = [
    '<%= config.bin %> webhook retry oa',
    '<%= config.bin %> webhook retry oa --id msg_0197f3c2',
  ];
  static override args = {
    webhook: Args.string({ required: true, description: 'webhook 名称 / name of the webhook' }),
  };
  static override flags = { id: Flags.string({ summary: '只投这一批,见 webhook dead / this one only' }) };

  async run() {
    const { args, flags } = await this.parse(WebhookRetry);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const body = flags.id === undefined ? {} : { id: flags.id };
    const { letters } = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.retryWebhook, { params: { webhook: args.webhook }, body }, this.signal),
    );
    const say = this.say(
      `${letters} 批死信重新投递;结果见 qianzhi webhook list`,
      `${counted(letters, 'dead letter is', 'dead letters are')} sent again; see \`qianzhi webhook list\``,
    );
    this.log(letters === 0 ? this.say('没有死信', 'there are no dead letters') : say);
    return { letters };
  }
}

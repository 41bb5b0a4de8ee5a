import { currentLanguage } from '@qianzhi/model';
import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { sizeText } from '../../job-text.js';
import { timeText } from '../../words.js';

export default class WebhookDead extends AgentCommand {
  static override summary = '未能送达的批次 / batches that were given up';
  static override description =
    '不显示记录内容。排除原因后执行 webhook retry,或以 webhook drop 放弃。\nRecords are not shown. Once the cause is gone run `webhook retry`, or give them up with `webhook drop`.';
  static override examples = ['<%= config.bin %> webhook dead', '<%= config.bin %> webhook dead oa --json'];
  static override args = { webhook: Args.string({ description: 'webhook 名称 / name of the webhook' }) };

  async run() {
    const { args, flags } = await this.parse(WebhookDead);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const { webhooks } = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.webhooks, {}, this.signal),
    );
    const found = webhooks.filter(({ webhook }) => webhook === (args.webhook ?? webhook));
    if (args.webhook !== undefined && found.length === 0) {
      const { agentErrors } = await import('@qianzhi/agent');
      const known = webhooks.map(({ webhook }) => webhook).join(', ') || '—';
      throw agentErrors.WEBHOOK_UNKNOWN({ webhook: args.webhook, known });
    }
    const letters = found.flatMap(({ webhook, dead }) => dead.map((one) => ({ webhook, ...one })));
    this.table(letters, [
      { name: 'webhook', value: ({ webhook }) => webhook },
      { name: 'id', value: ({ id }) => id },
      { name: this.say('记录', 'records'), value: ({ records }) => records },
      { name: this.say('大小', 'size'), value: ({ bytes }) => sizeText(bytes) },
      { name: this.say('尝试', 'attempts'), value: ({ attempts }) => attempts },
      { name: this.say('时间', 'at'), value: ({ at }) => timeText(at) },
      {
        name: this.say('原因', 'why'),
        value: ({ problem }) => problem.texts[currentLanguage()].message,
      },
    ]);
    return { letters };
  }
}

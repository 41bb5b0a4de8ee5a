import type { WebhookStatus } from '@qianzhi/agent/control';
import { AgentCommand } from '../../agent-command.js';
import { haltText } from '../../job-text.js';
import { timeText, word } from '../../words.js';

export default class WebhookList extends AgentCommand {
  static override summary = 'webhook:状态、待送与死信 / webhooks: state, what is outstanding, dead letters';
  static override examples = ['<%= config.bin %> webhook list', '<%= config.bin %> webhook list --json'];

  async run() {
    const { flags } = await this.parse(WebhookList);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const { webhooks } = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.webhooks, {}, this.signal),
    );
    this.table<WebhookStatus>(webhooks, [
      { name: this.say('名称', 'name'), value: ({ webhook }) => webhook },
      { name: this.say('作业', 'exchange'), value: ({ exchange }) => exchange },
      { name: this.say('主机', 'host'), value: ({ host }) => host },
      { name: this.say('状态', 'state'), value: ({ state }) => word(state) },
      { name: this.say('待送', 'outstanding'), value: ({ pending }) => pending?.records ?? 0 },
      { name: this.say('第几次', 'attempts'), value: ({ pending }) => pending?.attempts },
      { name: this.say('死信', 'dead'), value: ({ dead }) => dead.length },
      { name: this.say('已送记录', 'records sent'), value: ({ sentRecords }) => sentRecords },
      { name: this.say('最近送达', 'last sent'), value: ({ lastSentAt }) => timeText(lastSentAt) },
    ]);
    for (const { problem } of webhooks) {
      const halt = problem && haltText({ problem });
      if (halt) this.log(halt);
    }
    return { webhooks };
  }
}

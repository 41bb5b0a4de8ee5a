import type { Alert } from '@qianzhi/agent/control';
import { currentLanguage } from '@qianzhi/model';
import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { timeText, word } from '../../words.js';

export default class AlertList extends AgentCommand {
  static override summary = '告警:未解除的在前,各按新旧 / alerts: open ones first, the newest of each first';
  static override examples = ['<%= config.bin %> alert list', '<%= config.bin %> alert list --open --json'];
  static override flags = {
    open: Flags.boolean({ summary: '只列未解除的 / open ones only' }),
    limit: Flags.integer({ default: 50, min: 1, max: 1000, summary: '最多条数 / at most so many' }),
  };

  async run() {
    const { flags } = await this.parse(AlertList);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.alerts, { query: { limit: flags.limit } }, this.signal),
    );
    const alerts = answer.alerts.filter(({ resolvedAt }) => !flags.open || resolvedAt === undefined);
    this.table(alerts, [
      { name: this.say('告警', 'alert'), value: ({ rule }) => word(rule) },
      { name: this.say('对象', 'about'), value: ({ subject }) => subject },
      { name: this.say('发生', 'opened'), value: ({ openedAt }) => timeText(openedAt) },
      { name: this.say('解除', 'resolved'), value: ({ resolvedAt }) => timeText(resolvedAt) },
      { name: this.say('代码', 'code'), value: ({ problem }) => problem.code },
      { name: this.say('通知', 'told'), value: toldText },
    ]);
    for (const { problem, resolvedAt, restart } of alerts) {
      if (resolvedAt !== undefined || this.jsonEnabled()) continue;
      const { message, hint } = problem.texts[currentLanguage()];
      this.log(`✗ ${problem.code}  ${message}\n  → ${hint}`);
      if (restart !== undefined && !hint.includes(restart)) this.log(`  → ${restart}`);
    }
    return { alerts };
  }
}

/** `2/2`, or how many messages of how many were taken, and how often the others were tried. */
function toldText({ notices }: Alert): string | undefined {
  if (notices.length === 0) return undefined;
  const waiting = notices.filter(({ sentAt }) => sentAt === undefined);
  const told = `${notices.length - waiting.length}/${notices.length}`;
  const tried = waiting.flatMap(({ channel, attempts }) => (attempts > 0 ? [`${channel} ×${attempts}`] : []));
  return tried.length === 0 ? told : `${told} (${tried.join(', ')})`;
}

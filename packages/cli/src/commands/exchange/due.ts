import { AgentCommand } from '../../agent-command.js';
import { byUrgency, overdueText } from '../../due-text.js';
import { timeText, word } from '../../words.js';

export default class ExchangeDue extends AgentCommand {
  static override summary =
    '各资源应于何时更新,逾期多久 / what is due by the update cycles, and what is overdue';
  static override description = [
    '更新周期取自目录:实时为 1 小时内;每日、每周、每月为下一日、周、月结束前;每季度、每半年、每年为下一周期首月 10 日前。按北京时间的日历日计,不定期的没有期限。',
    '供给的作业以最近一次成功执行为准(来源可能没有变化),取用的以最新数据为准。作业没有写 schedule 的,供给按更新周期自动排定。',
    "Update cycles are the catalog's: realtime within an hour; daily, weekly, monthly by the end of the next day, week, month; quarterly and longer by the 10th of the first month of the next period. Calendar days of Asia/Shanghai; irregular promises nothing.",
    'What is supplied is current as of its last run that ended well, for a source may have nothing new; what is consumed, as of its newest data. A supply without a schedule of its own runs by the update cycle.',
  ].join('\n');
  static override examples = ['<%= config.bin %> exchange due', '<%= config.bin %> exchange due --json'];

  async run() {
    const { flags } = await this.parse(ExchangeDue);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const status = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.status, {}, this.signal),
    );
    const due = status.exchanges
      .map(({ exchange, resource, direction, updateCycle, schedule, dataAt, hasData, ...rest }) => ({
        exchange,
        resource,
        direction,
        updateCycle,
        schedule,
        dataAt: hasData ? dataAt : undefined,
        lastSuccessAt: rest.lastSuccessAt,
        dueAt: rest.dueAt,
        overdueSeconds: rest.overdueSeconds,
      }))
      .toSorted(byUrgency);
    this.table(due, [
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('交换', 'exchange'), value: (row) => row.exchange },
      { name: this.say('方向', 'direction'), value: (row) => word(row.direction) },
      { name: this.say('更新周期', 'cycle'), value: (row) => row.updateCycle && word(row.updateCycle) },
      { name: this.say('时间表', 'schedule'), value: (row) => row.schedule?.cron },
      { name: this.say('依据', 'by'), value: (row) => row.schedule && word(row.schedule.from) },
      { name: this.say('最新数据', 'newest data'), value: (row) => timeText(row.dataAt) },
      { name: this.say('上次成功', 'last success'), value: (row) => timeText(row.lastSuccessAt) },
      { name: this.say('应更新', 'due'), value: (row) => timeText(row.dueAt) },
      { name: this.say('逾期', 'overdue'), value: (row) => overdueText(row.overdueSeconds) },
    ]);
    return { due };
  }
}

import { personRoutes, updateDueAt } from '@qianzhi/model';
import { Flags } from '#oclif';
import { allEntries } from '../../catalog-pages.js';
import { byUrgency, overdueText } from '../../due-text.js';
import { PlatformCommand } from '../../platform-command.js';
import { timeText, word } from '../../words.js';

export default class PlatformDue extends PlatformCommand {
  static override summary = '各部门应供数据的更新期限 / what departments have to supply, and by when';
  static override description = [
    '列出已下达供数任务的资源:以该前置机最近一次报告的成功执行为准,还没有的以目录发布时间为准,按目录的更新周期算出期限。免报的资源不列。看得到的部门与 agent list 相同。',
    'Lists resources that agents were ordered to supply: current as of the last run that ended well, as the agent reported it, or since the entry was published; due by the update cycle. What is waived is not listed. Departments are those that agent list shows.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> platform due',
    '<%= config.bin %> platform due --department mz',
  ];
  static override flags = {
    department: Flags.string({ summary: '只看某部门 / of one department' }),
  };

  async run() {
    const { flags } = await this.parse(PlatformDue);
    const { agents, resources } = await this.withPlatform(flags.profile, async (client) => ({
      ...(await client.call(personRoutes.listAgents, {}, this.signal)),
      resources: await allEntries(client, { department: flags.department }, this.signal),
    }));
    const now = Date.now();
    const due = resources
      // what is waived is reported by the superior's system (R139)
      .filter(({ waiver }) => !waiver)
      .flatMap(({ resource, suppliers, publishedAt }) =>
        agents
          .filter(({ agent }) => suppliers.includes(agent))
          .map(({ agent, exchanges }) => {
            const lastSuccessAt = exchanges
              .filter((one) => one.direction === 'supply' && one.resource === resource.code)
              .flatMap((one) => one.lastSuccessAt ?? [])
              .toSorted()
              .at(-1);
            const dueAt = updateDueAt(resource, new Date(lastSuccessAt ?? publishedAt));
            return {
              department: resource.department,
              resource: resource.code,
              name: resource.name,
              agent,
              updateCycle: resource.updateCycle,
              lastSuccessAt,
              dueAt: dueAt?.toISOString(),
              overdueSeconds: dueAt ? Math.max(0, Math.floor((now - dueAt.getTime()) / 1000)) : 0,
            };
          }),
      )
      .toSorted((a, b) => a.department.localeCompare(b.department) || byUrgency(a, b));
    this.table(due, [
      { name: this.say('部门', 'department'), value: (row) => row.department },
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('名称', 'name'), value: (row) => row.name },
      { name: this.say('前置机', 'agent'), value: (row) => row.agent },
      { name: this.say('更新周期', 'cycle'), value: (row) => word(row.updateCycle) },
      { name: this.say('上次成功', 'last success'), value: (row) => timeText(row.lastSuccessAt) },
      { name: this.say('应更新', 'due'), value: (row) => timeText(row.dueAt) },
      { name: this.say('逾期', 'overdue'), value: (row) => overdueText(row.overdueSeconds) },
    ]);
    return { due };
  }
}

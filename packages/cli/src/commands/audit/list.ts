import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';
import { timeText } from '../../words.js';

const outcomes = ['done', 'denied', 'failed'] as const;
const outcomeWords = {
  done: ['完成', 'done'],
  denied: ['拒绝', 'denied'],
  failed: ['失败', 'failed'],
} as const;

export default class AuditList extends PlatformCommand {
  static override summary = '平台审计记录,新的在前 / the platform’s audit, newest first';
  static override examples = [
    '<%= config.bin %> audit list --outcome denied',
    '<%= config.bin %> audit list --actor person:officer --from 2026-11-01T00:00:00+08:00 --json',
  ];
  static override flags = {
    actor: Flags.string({ summary: '操作者,如 person:wang、agent:mz-1 / by whom' }),
    action: Flags.string({ summary: '动作,如 agreement.approve / what was done' }),
    object: Flags.string({ summary: '对象编号 / what it was done on, by id' }),
    outcome: Flags.option({ options: outcomes, summary: '结果 / what came of it' })(),
    from: Flags.string({ summary: '起始时间(ISO 8601)/ from this time on' }),
    to: Flags.string({ summary: '截止时间(ISO 8601)/ to this time' }),
    before: Flags.integer({ min: 1, summary: '序号在此之前 / entries before this number' }),
    limit: Flags.integer({ default: 50, min: 1, max: 1000, summary: '最多多少条 / at most so many' }),
  };

  async run() {
    const { flags } = await this.parse(AuditList);
    const { actor, action, object, outcome, from, to, before, limit } = flags;
    const query = { actor, action, object, outcome, from, to, before, limit };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listAudit, { query }, this.signal),
    );
    this.table(answer.entries, [
      { name: this.say('序号', 'no.'), value: (row) => row.seq },
      { name: this.say('时间', 'at'), value: (row) => timeText(row.at) },
      { name: this.say('操作者', 'by'), value: (row) => row.actor },
      { name: this.say('动作', 'action'), value: (row) => row.action },
      { name: this.say('对象', 'object'), value: (row) => row.object },
      {
        name: this.say('结果', 'outcome'),
        value: (row) => this.say(outcomeWords[row.outcome][0], outcomeWords[row.outcome][1]),
      },
      {
        name: this.say('细节', 'details'),
        value: (row) => (row.details === '{}' ? undefined : row.details),
      },
    ]);
    return answer;
  }
}

import { type DutyKind, dutyKinds, personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { dutyColumns } from '../../duty/duty-text.js';
import { PlatformCommand } from '../../platform-command.js';

export default class DutyList extends PlatformCommand {
  static override summary = '职责期限,逾期在前 / duties with their deadlines, overdue first';
  static override description =
    '列出本部门的职责期限;主管部门、安全保密员、审计员看到全部。“余”按期限的单位计,一般为工作日,当天为最后一天时为 0。\nDuties of the own department; competent department, security officer and auditor see all. Days left are counted in the unit of the deadline, working days as a rule: 0 on the last day.';
  static override examples = [
    '<%= config.bin %> duty list',
    '<%= config.bin %> duty list --overdue --json',
    '<%= config.bin %> duty list --object AGREEMENT --closed',
  ];
  static override flags = {
    owner: Flags.string({ summary: '只看某部门 / of one department' }),
    object: Flags.string({ summary: '只看某协议、资源或部门 / about one agreement, resource or department' }),
    kind: Flags.option({
      options: Object.keys(dutyKinds) as DutyKind[],
      summary: '只看某类事项 / of one kind',
    })(),
    overdue: Flags.boolean({ summary: '只看逾期的 / overdue ones only' }),
    closed: Flags.boolean({ summary: '也列出已办结的 / closed ones as well' }),
    limit: Flags.integer({ default: 200, min: 1, max: 1000, summary: '最多条数 / at most so many' }),
  };

  async run() {
    const { flags } = await this.parse(DutyList);
    const { owner, object, kind, overdue, closed, limit } = flags;
    const query = { owner, object, kind, overdue: overdue || undefined, closed, limit };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listDuties, { query }, this.signal),
    );
    this.table(answer.duties, dutyColumns());
    return answer;
  }
}

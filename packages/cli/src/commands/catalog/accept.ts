import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';
import { requireDay } from '../../day-text.js';

export default class CatalogAccept extends CatalogStepCommand {
  static override summary =
    '项目验收时登记预编的目录 (R014) / register at acceptance what was pre-compiled for a project';
  static override description =
    '条目以 kind: project 与 project.stage: pre-compiled 预编;写明 project.acceptanceDue(计划验收日)的,到期登记列为职责。登记后为 registered,并记下项目编号与验收日期;目录须经审核的平台,登记成为草稿。\nAn entry is pre-compiled with kind: project and project.stage: pre-compiled; where project.acceptanceDue names the day, registering it by then is a duty. It is registered from then on, with number and day; where the platform asks for reviews that is a draft.';
  static override examples = [
    '<%= config.bin %> catalog accept permit_platform --number 2026-政务-017 --accepted-on 2026-11-20',
  ];
  static override flags = {
    number: Flags.string({ required: true, summary: '项目编号 / project number' }),
    'accepted-on': Flags.string({ required: true, summary: '验收日期 / day of acceptance' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogAccept);
    const { code } = args;
    const body = { number: flags.number, acceptedOn: requireDay('--accepted-on', flags['accepted-on']) };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.registerProject, { params: { code }, body }, this.signal),
    );
    if (answer.draft) this.tell(answer.draft);
    else
      this.log(
        this.say(
          `✓ ${code} 已登记:项目 ${body.number},${body.acceptedOn} 验收`,
          `✓ ${code} is registered: project ${body.number}, accepted on ${body.acceptedOn}`,
        ),
      );
    return answer;
  }
}

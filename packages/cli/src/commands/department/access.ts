import { chinaDay, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';

export default class DepartmentAccess extends PlatformCommand {
  static override summary =
    '接入手续:查看、登记一项 / the access procedure of a unit: show it, record a step';
  static override description =
    '平台配置 accessSteps 列出的各项登记齐全之后,才能邀请该部门的前置机。\nOnly when every step that the platform config lists under accessSteps is recorded may a front-end machine of the unit be invited.';
  static override examples = [
    '<%= config.bin %> department access mz',
    '<%= config.bin %> department access mz --step application --reference 政数〔2026〕12号 --done-on 2026-11-20',
  ];
  static override args = { id: Args.string({ required: true, description: '部门标识 / department' }) };
  static override flags = {
    step: Flags.string({ summary: '办结的一项 / step that was done', dependsOn: ['reference'] }),
    reference: Flags.string({ summary: '文号 / number of the document', dependsOn: ['step'] }),
    'done-on': Flags.string({
      summary: '办结日,默认今天 / day it was done; today unless given',
      dependsOn: ['step'],
    }),
  };

  async run() {
    const { args, flags } = await this.parse(DepartmentAccess);
    const { step, reference } = flags;
    const access = await this.withPlatform(flags.profile, (client) => {
      if (step === undefined || reference === undefined)
        return client.call(personRoutes.departmentAccess, { params: { id: args.id } }, this.signal);
      const body = { reference, doneOn: flags['done-on'] ?? chinaDay(new Date()) };
      return client.call(personRoutes.recordAccessStep, { params: { id: args.id, step }, body }, this.signal);
    });
    this.table(access.steps, [
      { name: this.say('项目', 'step'), value: (row) => row.step },
      { name: this.say('文号', 'reference'), value: (row) => row.reference },
      { name: this.say('办结日', 'done on'), value: (row) => row.doneOn },
      { name: this.say('登记人', 'recorded by'), value: (row) => row.recordedBy },
    ]);
    if (access.missing.length > 0) {
      const missing = access.missing.join(', ');
      this.log(this.say(`尚缺:${missing}`, `missing: ${missing}`));
    }
    return access;
  }
}

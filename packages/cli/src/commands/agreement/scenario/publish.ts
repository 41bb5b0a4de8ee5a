import { type Mode, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { usages } from '../../../agreement/ask-application.js';
import { untilTime } from '../../../day-text.js';
import { PlatformCommand } from '../../../platform-command.js';

export default class AgreementScenarioPublish extends PlatformCommand {
  static override summary = '主管部门:公布应用场景 (R078) / publish a scenario';
  static override description =
    '在场景之内的申请当即授权;超出的予以拒绝,可按一般程序申请。公布后不再改动。\nAn application that stays within it is granted at once; one that asks for more is refused, and may go the usual way. What was published is not changed.';
  static override examples = [
    '<%= config.bin %> agreement scenario publish shiming-banshui --name 实名办税核验 --resource enterprise --item uscc --item name --matter 实名办税 --usage data-check --valid-to 2027-12-31',
  ];
  static override args = {
    id: Args.string({ required: true, description: '代号:小写字母、数字、-、_ / id' }),
  };
  static override flags = {
    name: Flags.string({ required: true, summary: '名称 / name' }),
    resource: Flags.string({ required: true, summary: '资源代码 / resource code' }),
    item: Flags.string({
      multiple: true,
      required: true,
      summary: '最小够用的信息项(列名)/ the items that suffice, by column',
    }),
    matter: Flags.string({ required: true, summary: '具体业务事项 / the business matter' }),
    usage: Flags.option({
      options: usages,
      required: true,
      summary: '用途 (R025) / what the data is used for',
    })(),
    'legal-basis': Flags.string({ default: '', summary: '法律依据 (R067) / legal basis' }),
    mode: Flags.option({
      options: ['docking', 'batch-download', 'online-query', 'sftp'] as const,
      multiple: true,
      default: ['docking'],
      summary: '共享方式 (R034) / modes',
    })(),
    'valid-to': Flags.string({
      required: true,
      summary: '期限:不再据此授权,已有授权也不晚于此 / no grant by it begins or lasts past this',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementScenarioPublish);
    const { name, resource, item: items, matter, usage } = flags;
    const body = {
      id: args.id,
      name,
      resource,
      items,
      purpose: { usage, matter, legalBasis: flags['legal-basis'] },
      modes: flags.mode as Mode[],
      validTo: untilTime('--valid-to', flags['valid-to']),
    };
    const scenario = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.publishScenario, { body }, this.signal),
    );
    this.log(
      this.say(
        `已公布 ${scenario.id};申请:qianzhi agreement apply --scenario ${scenario.id}`,
        `published ${scenario.id}; apply with \`qianzhi agreement apply --scenario ${scenario.id}\``,
      ),
    );
    return scenario;
  }
}

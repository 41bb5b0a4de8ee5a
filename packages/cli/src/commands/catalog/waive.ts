import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogWaive extends CatalogStepCommand {
  static override summary =
    '免报:已由上级系统报送的资源不再供数 (R139) / waive the supply of what a system of the superior reports';
  static override description =
    '使用上级建设的系统的单位无须重复报送:写明上级资源、平台和系统。免报期间不下达供数任务,供数期限停止计时;catalog end-waiver 恢复。本部门办理,主管部门的审批人可代办。\nA unit that uses a system of its superior need not report again: name the upper resource, platform and system. Meanwhile nobody is ordered to supply it and no clock of supply runs; `catalog end-waiver` ends it. Done by the own department, or by an approver of a competent one.';
  static override examples = [
    '<%= config.bin %> catalog waive social_group --upper 省社会组织登记 --platform 省政务大数据中心 --system 省社会组织管理系统',
  ];
  static override flags = {
    upper: Flags.string({
      required: true,
      summary: '上级资源的代码或名称 / code or name of the upper resource',
    }),
    platform: Flags.string({ required: true, summary: '上级平台或部门 / the upper platform or department' }),
    system: Flags.string({ required: true, summary: '上级建设的系统 / the system built by the superior' }),
    basis: Flags.string({ summary: '依据 / basis' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogWaive);
    const { upper, platform, system, basis } = flags;
    const body = { upper, platform, system, ...(basis !== undefined && { basis }) };
    const waiver = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.waiveSupply, { params: { code: args.code }, body }, this.signal),
    );
    this.log(
      this.say(
        `✓ ${waiver.resource} 已免报,见 ${waiver.platform} ${waiver.upper}`,
        `✓ the supply of ${waiver.resource} is waived: reported as ${waiver.upper} on ${waiver.platform}`,
      ),
    );
    return waiver;
  }
}

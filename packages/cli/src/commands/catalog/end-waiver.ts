import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogEndWaiver extends CatalogStepCommand {
  static override summary = '结束免报,恢复供数 (R139) / end a waiver: the resource is to be supplied again';
  static override examples = ['<%= config.bin %> catalog end-waiver social_group --reason 改由本局系统登记'];
  static override flags = { reason: Flags.string({ required: true, summary: '理由 / reason' }) };

  async run() {
    const { args, flags } = await this.parse(CatalogEndWaiver);
    const request = { params: { code: args.code }, body: { reason: flags.reason } };
    const waiver = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.endWaiver, request, this.signal),
    );
    this.log(
      this.say(
        `✓ ${waiver.resource} 的免报已结束,原有供数任务与期限恢复`,
        `✓ the waiver of ${waiver.resource} has ended: its orders and clocks of supply go on`,
      ),
    );
    return waiver;
  }
}

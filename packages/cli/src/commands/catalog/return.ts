import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogReturn extends CatalogStepCommand {
  static override summary =
    '退回目录变更,须说明理由 (R009) / send a change back to be a draft, with a reason';
  static override examples = ['<%= config.bin %> catalog return social_group --reason 分类有误'];
  static override flags = { reason: Flags.string({ required: true, summary: '理由 / reason' }) };

  async run() {
    const { args, flags } = await this.parse(CatalogReturn);
    const request = { params: { code: args.code }, body: { reason: flags.reason } };
    return this.tell(
      await this.withPlatform(flags.profile, (client) =>
        client.call(personRoutes.returnCatalog, request, this.signal),
      ),
    );
  }
}

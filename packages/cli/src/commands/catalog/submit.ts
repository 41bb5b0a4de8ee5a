import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogSubmit extends CatalogStepCommand {
  static override summary =
    '提交目录草稿审核;已注册的提交发布 (R009) / submit a draft for review, or what is registered for publication';
  static override examples = ['<%= config.bin %> catalog submit social_group'];
  static override flags = { note: Flags.string({ default: '', summary: '意见 / note' }) };

  async run() {
    const { args, flags } = await this.parse(CatalogSubmit);
    const request = { params: { code: args.code }, body: { note: flags.note } };
    return this.tell(
      await this.withPlatform(flags.profile, (client) =>
        client.call(personRoutes.submitCatalog, request, this.signal),
      ),
    );
  }
}

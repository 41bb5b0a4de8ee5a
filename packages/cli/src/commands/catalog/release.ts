import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogRelease extends CatalogStepCommand {
  static override summary =
    '主管部门发布已注册的变更 (R009) / publish or withdraw what is registered, by the competent department';
  static override examples = ['<%= config.bin %> catalog release social_group'];
  static override flags = { note: Flags.string({ default: '', summary: '意见 / note' }) };

  async run() {
    const { args, flags } = await this.parse(CatalogRelease);
    const request = { params: { code: args.code }, body: { note: flags.note } };
    return this.tell(
      await this.withPlatform(flags.profile, (client) =>
        client.call(personRoutes.releaseCatalog, request, this.signal),
      ),
    );
  }
}

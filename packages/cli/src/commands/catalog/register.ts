import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogRegister extends CatalogStepCommand {
  static override summary = '主管部门注册目录条目 (R009) / register an entry, by the competent department';
  static override examples = ['<%= config.bin %> catalog register social_group'];
  static override flags = { note: Flags.string({ default: '', summary: '意见 / note' }) };

  async run() {
    const { args, flags } = await this.parse(CatalogRegister);
    const request = { params: { code: args.code }, body: { note: flags.note } };
    return this.tell(
      await this.withPlatform(flags.profile, (client) =>
        client.call(personRoutes.registerCatalog, request, this.signal),
      ),
    );
  }
}

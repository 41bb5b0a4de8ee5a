import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogVerify extends CatalogStepCommand {
  static override summary = '部门核实目录草稿 (R009) / verify a draft within the department';
  static override examples = ['<%= config.bin %> catalog verify social_group'];
  static override flags = { note: Flags.string({ default: '', summary: '意见 / note' }) };

  async run() {
    const { args, flags } = await this.parse(CatalogVerify);
    const request = { params: { code: args.code }, body: { note: flags.note } };
    return this.tell(
      await this.withPlatform(flags.profile, (client) =>
        client.call(personRoutes.verifyCatalog, request, this.signal),
      ),
    );
  }
}

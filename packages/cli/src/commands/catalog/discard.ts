import { Flags } from '@oclif/core';
import { personRoutes } from '@qianzhi/model';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogDiscard extends CatalogStepCommand {
  static override summary = '放弃目录草稿 / give up a draft';
  static override examples = ['<%= config.bin %> catalog discard social_group'];
  static override flags = { note: Flags.string({ default: '', summary: '意见 / note' }) };

  async run() {
    const { args, flags } = await this.parse(CatalogDiscard);
    const request = { params: { code: args.code }, body: { note: flags.note } };
    return this.tell(
      await this.withPlatform(flags.profile, (client) =>
        client.call(personRoutes.discardCatalog, request, this.signal),
      ),
    );
  }
}

import { Args, Flags } from '@oclif/core';
import { personRoutes } from '@qianzhi/model';
import { parseBases } from '../../agreement/bases.js';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementComplete extends MatterCommand {
  static override summary = '补正后再次提交申请 / complete an application that was returned';
  static override examples = [
    '<%= config.bin %> agreement complete AGREEMENT --note 已补充依据 --basis phone=税收征收管理法第六条',
  ];
  static override args = {
    agreement: Args.string({ required: true, description: '协议编号 / id of the agreement' }),
  };
  static override flags = {
    note: Flags.string({ summary: '补正说明 / what was completed' }),
    item: Flags.string({
      multiple: true,
      summary: '改为申请的信息项(列名) / the items by column, in place of those asked for',
    }),
    basis: Flags.string({
      multiple: true,
      summary: '逐项依据 列=依据 (R067) / basis of an item, COLUMN=BASIS',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementComplete);
    const note = await this.needed(flags.note, '--note', '补正说明', 'what was completed');
    const change = {
      ...(flags.item && { items: flags.item }),
      ...(flags.basis && { itemBasis: parseBases(flags.basis) }),
    };
    const body = { note, ...(Object.keys(change).length > 0 && { change }) };
    const matter = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.completeApplication, { params: { id: args.agreement }, body }, this.signal),
    );
    return this.tellMatter(matter);
  }
}

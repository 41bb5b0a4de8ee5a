import { isRequestId, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { parseBases, parseWanted } from '../../agreement/bases.js';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementComplete extends MatterCommand {
  static override summary = '补正后再次提交申请 / complete an application that was returned';
  static override examples = [
    '<%= config.bin %> agreement complete AGREEMENT --note 已补充依据 --basis phone=税收征收管理法第六条',
  ];
  static override args = {
    agreement: Args.string({
      required: true,
      description: '协议或目录外申请的编号 / id of the agreement or off-catalog request',
    }),
  };
  static override flags = {
    note: Flags.string({ summary: '补正说明 / what was completed' }),
    item: Flags.string({
      multiple: true,
      summary:
        '改为申请的信息项(列名;目录外申请为 名称=依据) / the items by column, in place of those asked for; of an off-catalog request NAME=BASIS',
    }),
    basis: Flags.string({
      multiple: true,
      summary: '逐项依据 列=依据 (R067) / basis of an item, COLUMN=BASIS',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementComplete);
    const note = await this.needed(flags.note, '--note', '补正说明', 'what was completed');
    const params = { id: args.agreement };
    if (isRequestId(params.id)) {
      this.refuseFlags(params.id, { basis: flags.basis });
      const body = { note, ...(flags.item && { change: { items: parseWanted(flags.item) } }) };
      return this.onRequest(flags.profile, (client) =>
        client.call(personRoutes.completeRequest, { params, body }, this.signal),
      );
    }
    const change = {
      ...(flags.item && { items: flags.item }),
      ...(flags.basis && { itemBasis: parseBases(flags.basis) }),
    };
    const body = { note, ...(Object.keys(change).length > 0 && { change }) };
    const matter = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.completeApplication, { params, body }, this.signal),
    );
    return this.tellMatter(matter);
  }
}

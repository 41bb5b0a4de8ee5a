import { isRequestId, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';
import { word } from '../../words.js';

export default class AgreementRule extends MatterCommand {
  static override summary = '主管部门:裁定并公布 (R073) / ruling of the competent department, published';
  static override examples = [
    '<%= config.bin %> agreement rule AGREEMENT --outcome share --record 会审纪要第3号',
    '<%= config.bin %> agreement rule AGREEMENT --outcome not-share --record 会审纪要第3号',
  ];
  static override args = {
    agreement: Args.string({
      required: true,
      description: '协议或目录外申请的编号 / id of the agreement or off-catalog request',
    }),
  };
  static override flags = {
    outcome: Flags.option({
      options: ['share', 'not-share'] as const,
      required: true,
      summary: '裁定:共享或不予共享 / to be shared or not',
    })(),
    record: Flags.string({ summary: '裁定书,将予公布 / the ruling, to be published' }),
    item: Flags.string({ multiple: true, summary: '只共享这些信息项(列名) / only these items, by column' }),
    rows: Flags.string({ summary: '收窄行范围 / narrow the rows' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementRule);
    const record = await this.needed(flags.record, '--record', '裁定书', 'the ruling');
    const params = { id: args.agreement };
    if (isRequestId(params.id)) {
      const { item, rows, outcome } = flags;
      this.refuseFlags(params.id, { item, rows });
      return this.onRequest(flags.profile, (client) =>
        client.call(personRoutes.ruleRequest, { params, body: { outcome, record } }, this.signal),
      );
    }
    const body = {
      outcome: flags.outcome,
      record,
      ...(flags.item && { items: flags.item }),
      ...(flags.rows !== undefined && { rows: flags.rows }),
    };
    return this.withPlatform(flags.profile, async (client) => {
      const agreement = await client.call(personRoutes.rule, { params, body }, this.signal);
      this.log(`${agreement.id}  ${word(agreement.state)}  ${agreement.items.join(' ')}`);
      this.tellMatter(await client.call(personRoutes.showMatter, { params }, this.signal));
      return agreement;
    });
  }
}

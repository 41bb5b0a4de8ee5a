import { isRequestId, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';
import { refusalFlags, refusalOf } from '../../agreement/refusal-flags.js';
import { parseQuota } from '../../quota.js';

export default class AgreementApprove extends MatterCommand {
  static override summary = '同意申请 / approve an application';
  static override examples = [
    '<%= config.bin %> agreement approve AGREEMENT',
    '<%= config.bin %> agreement approve AGREEMENT --item uscc --item name --reason 其余与事项无关',
    '<%= config.bin %> agreement approve AGREEMENT --quota rowsPerDay=100000',
    `<%= config.bin %> agreement approve AGREEMENT --rows "行政区划 = '441302'"`,
    `<%= config.bin %> agreement approve AGREEMENT --rows "行政区划 = '441302'" --json`,
  ];
  static override args = {
    agreement: Args.string({
      required: true,
      description: '协议或目录外申请的编号 / id of the agreement or off-catalog request',
    }),
  };
  static override flags = {
    note: Flags.string({ summary: '意见 / note' }),
    rows: Flags.string({
      summary:
        '收窄行范围:同时满足所申请的范围 / narrow the rows: those that are also in the scope asked for',
    }),
    item: Flags.string({
      multiple: true,
      summary:
        '只同意这些信息项(列名),其余须以 --reason 说明不同意的理由 / only these items, by column; --reason says why not the others',
    }),
    reason: Flags.string({ summary: '其余信息项不同意的理由 (R064) / why the other items are refused' }),
    ...refusalFlags,
    address: Flags.string({
      multiple: true,
      summary:
        '另定来源地址或网段 / addresses or networks that queries and downloads come from, in place of those asked for',
    }),
    quota: Flags.string({
      multiple: true,
      summary: '另定配额 名=数值 / quota BOUND=NUMBER in place of the one asked for',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementApprove);
    const params = { id: args.agreement };
    if (isRequestId(params.id)) {
      const { note, profile, json: _, ...others } = flags;
      this.refuseFlags(params.id, others);
      return this.onRequest(profile, (client) =>
        client.call(personRoutes.acceptRequest, { params, body: note ? { note } : {} }, this.signal),
      );
    }
    const body = {
      ...(flags.note && { note: flags.note }),
      ...(flags.rows !== undefined && { rows: flags.rows }),
      ...(flags.item && { items: flags.item }),
      ...(flags.reason && { refusal: refusalOf(flags.reason, flags) }),
      ...(flags.address && { addresses: flags.address }),
      ...(flags.quota && { quota: parseQuota(flags.quota) }),
    };
    const agreement = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.approve, { params, body }, this.signal),
    );
    const opinion = agreement.state === 'applied';
    this.log(
      opinion
        ? this.say(
            `已表示同意 ${agreement.id}(${agreement.resource}),待主管部门决定`,
            `said to agree with ${agreement.id} (${agreement.resource}); the competent department decides`,
          )
        : this.say(
            `已同意 ${agreement.id}(${agreement.resource}):${agreement.items.join(' ')}`,
            `approved ${agreement.id} (${agreement.resource}): ${agreement.items.join(' ')}`,
          ),
    );
    if (agreement.rows !== null) this.log(`${this.say('行范围', 'rows')}: ${agreement.rows}`);
    return agreement;
  }
}

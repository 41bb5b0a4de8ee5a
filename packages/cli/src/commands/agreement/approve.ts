import { Args, Flags } from '@oclif/core';
import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../../platform-command.js';
import { parseQuota } from '../../quota.js';

export default class AgreementApprove extends PlatformCommand {
  static override summary = '同意申请 / approve an application';
  static override examples = [
    '<%= config.bin %> agreement approve AGREEMENT',
    '<%= config.bin %> agreement approve AGREEMENT --quota rowsPerDay=100000',
    `<%= config.bin %> agreement approve AGREEMENT --rows "行政区划 = '441302'"`,
    `<%= config.bin %> agreement approve AGREEMENT --rows "行政区划 = '441302'" --json`,
  ];
  static override args = {
    agreement: Args.string({ required: true, description: '协议编号 / id of the agreement' }),
  };
  static override flags = {
    note: Flags.string({ summary: '意见 / note' }),
    rows: Flags.string({
      summary:
        '收窄行范围:同时满足所申请的范围 / narrow the rows: those that are also in the scope asked for',
    }),
    quota: Flags.string({
      multiple: true,
      summary: '另定配额 名=数值 / quota BOUND=NUMBER in place of the one asked for',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementApprove);
    const body = {
      ...(flags.note && { note: flags.note }),
      ...(flags.rows !== undefined && { rows: flags.rows }),
      ...(flags.quota && { quota: parseQuota(flags.quota) }),
    };
    const agreement = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.approve, { params: { id: args.agreement }, body }, this.signal),
    );
    this.log(
      this.say(
        `已同意 ${agreement.id}(${agreement.resource})`,
        `approved ${agreement.id} (${agreement.resource})`,
      ),
    );
    if (agreement.rows !== null) this.log(`${this.say('行范围', 'rows')}: ${agreement.rows}`);
    return agreement;
  }
}

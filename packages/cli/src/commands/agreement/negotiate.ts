import { isRequestId, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementNegotiate extends MatterCommand {
  static override summary =
    '提请协商:不同意或逾期未答复 (R070) / take a refusal, or what was not answered in time, to negotiation';
  static override examples = ['<%= config.bin %> agreement negotiate AGREEMENT --reason 履职所需'];
  static override args = {
    agreement: Args.string({
      required: true,
      description: '协议或目录外申请的编号 / id of the agreement or off-catalog request',
    }),
  };
  static override flags = {
    reason: Flags.string({ summary: '理由 / reason' }),
    'working-days': Flags.integer({
      min: 1,
      summary: '限几个工作日办结 / working days until it has to be over',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementNegotiate);
    const reason = await this.needed(flags.reason, '--reason', '理由', 'reason');
    const body = {
      reason,
      ...(flags['working-days'] !== undefined && { workingDays: flags['working-days'] }),
    };
    const params = { id: args.agreement };
    if (isRequestId(params.id))
      return this.onRequest(flags.profile, (client) =>
        client.call(personRoutes.negotiateRequest, { params, body }, this.signal),
      );
    const matter = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.negotiate, { params, body }, this.signal),
    );
    return this.tellMatter(matter);
  }
}

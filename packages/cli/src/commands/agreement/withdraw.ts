import { isRequestId, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementWithdraw extends MatterCommand {
  static override summary = '撤回申请 / withdraw an application';
  static override examples = ['<%= config.bin %> agreement withdraw AGREEMENT --reason 不再需要'];
  static override args = {
    agreement: Args.string({
      required: true,
      description: '协议或目录外申请的编号 / id of the agreement or off-catalog request',
    }),
  };
  static override flags = {
    reason: Flags.string({ summary: '理由 / reason' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementWithdraw);
    const reason = await this.needed(flags.reason, '--reason', '理由', 'reason');
    const params = { id: args.agreement };
    if (isRequestId(params.id)) {
      return this.onRequest(flags.profile, (client) =>
        client.call(personRoutes.withdrawRequest, { params, body: { reason } }, this.signal),
      );
    }
    const agreement = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.withdrawApplication, { params, body: { reason } }, this.signal),
    );
    this.log(this.say(`已撤回 ${agreement.id}`, `withdrawn ${agreement.id}`));
    return agreement;
  }
}

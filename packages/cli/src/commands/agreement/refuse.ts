import { isRequestId, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';
import { refusalFlags, refusalOf } from '../../agreement/refusal-flags.js';

export default class AgreementRefuse extends MatterCommand {
  static override summary = '不同意申请,须说明理由 (R064) / refuse an application with a reason';
  static override examples = [
    '<%= config.bin %> agreement refuse AGREEMENT --reason 超出职责范围',
    '<%= config.bin %> agreement refuse AGREEMENT --reason 与事项无关 --ground unrelated --legal-basis 个人信息保护法第六条',
  ];
  static override args = {
    agreement: Args.string({
      required: true,
      description: '协议或目录外申请的编号 / id of the agreement or off-catalog request',
    }),
  };
  static override flags = {
    reason: Flags.string({ required: true, summary: '理由 / reason' }),
    ...refusalFlags,
  };

  async run() {
    const { args, flags } = await this.parse(AgreementRefuse);
    const body = refusalOf(flags.reason, flags);
    const params = { id: args.agreement };
    if (isRequestId(params.id)) {
      return this.onRequest(flags.profile, (client) =>
        client.call(personRoutes.refuseRequest, { params, body: body }, this.signal),
      );
    }
    const agreement = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.refuse, { params, body }, this.signal),
    );
    this.log(
      this.say(
        `已不同意 ${agreement.id}(${agreement.resource})`,
        `refused ${agreement.id} (${agreement.resource})`,
      ),
    );
    return agreement;
  }
}

import { Args, Flags } from '@oclif/core';
import { personRoutes } from '@qianzhi/model';
import { refusalFlags, refusalOf } from '../../agreement/refusal-flags.js';
import { PlatformCommand } from '../../platform-command.js';

export default class AgreementRefuse extends PlatformCommand {
  static override summary = '不同意申请,须说明理由 (R064) / refuse an application with a reason';
  static override examples = [
    '<%= config.bin %> agreement refuse AGREEMENT --reason 超出职责范围',
    '<%= config.bin %> agreement refuse AGREEMENT --reason 与事项无关 --ground unrelated --legal-basis 个人信息保护法第六条',
  ];
  static override args = {
    agreement: Args.string({ required: true, description: '协议编号 / id of the agreement' }),
  };
  static override flags = {
    reason: Flags.string({ required: true, summary: '理由 / reason' }),
    ...refusalFlags,
  };

  async run() {
    const { args, flags } = await this.parse(AgreementRefuse);
    const body = refusalOf(flags.reason, flags);
    const agreement = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.refuse, { params: { id: args.agreement }, body }, this.signal),
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

import { Args, Flags } from '@oclif/core';
import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../../platform-command.js';

export default class AgreementApprove extends PlatformCommand {
  static override summary = '同意申请 / approve an application';
  static override examples = ['<%= config.bin %> agreement approve AGREEMENT'];
  static override args = {
    agreement: Args.string({ required: true, description: '协议编号 / id of the agreement' }),
  };
  static override flags = { note: Flags.string({ summary: '意见 / note' }) };

  async run() {
    const { args, flags } = await this.parse(AgreementApprove);
    const body = flags.note ? { note: flags.note } : {};
    const agreement = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.approve, { params: { id: args.agreement }, body }, this.signal),
    );
    this.log(
      this.say(
        `已同意 ${agreement.id}(${agreement.resource})`,
        `approved ${agreement.id} (${agreement.resource})`,
      ),
    );
    return agreement;
  }
}

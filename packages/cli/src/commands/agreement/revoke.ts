import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';

export default class AgreementRevoke extends PlatformCommand {
  static override summary = '撤销授权,立即生效 / revoke a grant with immediate effect';
  static override examples = ['<%= config.bin %> agreement revoke AGREEMENT --reason 超出职责范围'];
  static override args = {
    agreement: Args.string({ required: true, description: '协议编号 / id of the agreement' }),
  };
  static override flags = { reason: Flags.string({ required: true, summary: '理由 / reason' }) };

  async run() {
    const { args, flags } = await this.parse(AgreementRevoke);
    const body = { reason: flags.reason };
    const agreement = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.revoke, { params: { id: args.agreement }, body }, this.signal),
    );
    this.log(
      this.say(
        `已撤销 ${agreement.id}(${agreement.resource})`,
        `revoked ${agreement.id} (${agreement.resource})`,
      ),
    );
    return agreement;
  }
}

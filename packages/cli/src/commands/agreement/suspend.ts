import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementSuspend extends MatterCommand {
  static override summary = '暂停授权,立即生效 / suspend a grant with immediate effect';
  static override examples = ['<%= config.bin %> agreement suspend AGREEMENT --reason 核查期间'];
  static override args = {
    agreement: Args.string({ required: true, description: '协议编号 / id of the agreement' }),
  };
  static override flags = {
    reason: Flags.string({ summary: '理由 / reason' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementSuspend);
    const reason = await this.needed(flags.reason, '--reason', '理由', 'reason');
    const agreement = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.suspend, { params: { id: args.agreement }, body: { reason } }, this.signal),
    );
    this.log(
      this.say(
        `已暂停 ${agreement.id};恢复:qianzhi agreement resume ${agreement.id}`,
        `suspended ${agreement.id}; go on with: qianzhi agreement resume ${agreement.id}`,
      ),
    );
    return agreement;
  }
}

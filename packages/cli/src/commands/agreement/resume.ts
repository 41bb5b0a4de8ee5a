import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementResume extends MatterCommand {
  static override summary = '恢复已暂停的授权 / resume a suspended grant, as a new grant version';
  static override examples = ['<%= config.bin %> agreement resume AGREEMENT --reason 核查完毕'];
  static override args = {
    agreement: Args.string({ required: true, description: '协议编号 / id of the agreement' }),
  };
  static override flags = {
    reason: Flags.string({ summary: '理由 / reason' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementResume);
    const reason = await this.needed(flags.reason, '--reason', '理由', 'reason');
    const agreement = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.resume, { params: { id: args.agreement }, body: { reason } }, this.signal),
    );
    this.log(
      this.say(
        `已恢复 ${agreement.id},从整份快照开始`,
        `resumed ${agreement.id}, beginning with a whole copy`,
      ),
    );
    return agreement;
  }
}

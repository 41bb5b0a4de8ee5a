import { isRequestId, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementReturn extends MatterCommand {
  static override summary =
    '退回补正,答复期限暂停 / return an application for completion; the time for the reply rests';
  static override examples = ['<%= config.bin %> agreement return AGREEMENT --missing 请补充法律依据'];
  static override args = {
    agreement: Args.string({
      required: true,
      description: '协议或目录外申请的编号 / id of the agreement or off-catalog request',
    }),
  };
  static override flags = {
    missing: Flags.string({ summary: '应补正的内容 / what is to be completed' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementReturn);
    const missing = await this.needed(flags.missing, '--missing', '应补正的内容', 'what is to be completed');
    const params = { id: args.agreement };
    if (isRequestId(params.id)) {
      return this.onRequest(flags.profile, (client) =>
        client.call(personRoutes.returnRequest, { params, body: { missing } }, this.signal),
      );
    }
    const matter = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.returnApplication, { params, body: { missing } }, this.signal),
    );
    return this.tellMatter(matter);
  }
}

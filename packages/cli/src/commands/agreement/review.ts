import { isRequestId, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementReview extends MatterCommand {
  static override summary =
    '主管部门:协商未成,公布结果并转联席会审 (R071, R072) / the negotiation failed: published, joint review';
  static override examples = [
    '<%= config.bin %> agreement review AGREEMENT --record 双方未达成一致 --working-days 5',
  ];
  static override args = {
    agreement: Args.string({
      required: true,
      description: '协议或目录外申请的编号 / id of the agreement or off-catalog request',
    }),
  };
  static override flags = {
    record: Flags.string({ summary: '协商记录,将予公布 / record of the negotiation, to be published' }),
    'working-days': Flags.integer({
      min: 1,
      summary: '限几个工作日办结 / working days until it has to be over',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementReview);
    const record = await this.needed(flags.record, '--record', '协商记录', 'record of the negotiation');
    const body = {
      record,
      ...(flags['working-days'] !== undefined && { workingDays: flags['working-days'] }),
    };
    const params = { id: args.agreement };
    if (isRequestId(params.id))
      return this.onRequest(flags.profile, (client) =>
        client.call(personRoutes.reviewRequest, { params, body }, this.signal),
      );
    const matter = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.openReview, { params, body }, this.signal),
    );
    return this.tellMatter(matter);
  }
}

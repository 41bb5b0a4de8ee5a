import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementReassign extends MatterCommand {
  static override summary =
    '转办:本部门不掌握的目录外申请退给申请方的主管部门另行指派 / give back an off-catalog request for data that another department has, to be assigned anew';
  static override description =
    '--to 只是建议:由申请方的主管部门以 agreement forward 指派,答复期限自指派起重新计算。\n--to is a proposal: the competent department of the applicant assigns by `agreement forward`, and the time for the reply begins anew.';
  static override examples = [
    '<%= config.bin %> agreement reassign req-REQUEST --reason 由卫健委掌握 --to wjw',
  ];
  static override args = {
    request: Args.string({ required: true, description: '目录外申请的编号 / id of the off-catalog request' }),
  };
  static override flags = {
    reason: Flags.string({ summary: '理由 / reason' }),
    to: Flags.string({ summary: '建议由哪个部门答复 / the department that should reply' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementReassign);
    const reason = await this.needed(flags.reason, '--reason', '理由', 'the reason');
    const params = { id: args.request };
    const body = { reason, ...(flags.to && { department: flags.to }) };
    const request = await this.onRequest(flags.profile, (client) =>
      client.call(personRoutes.reassignRequest, { params, body }, this.signal),
    );
    this.log(
      this.say(
        '已转办:待申请方的主管部门指派答复部门',
        'given back: the competent department of the applicant assigns it',
      ),
    );
    return request;
  }
}

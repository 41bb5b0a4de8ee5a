import { isRequestId, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { requestErrors } from '../../agreement/errors.js';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementForward extends MatterCommand {
  static override summary =
    '申请方的主管部门:转送跨县区的申请 (R075),指派目录外申请由谁答复 (R069) / forward an application across regions; say who replies to an off-catalog request';
  static override examples = [
    '<%= config.bin %> agreement forward AGREEMENT --note 转惠阳区',
    '<%= config.bin %> agreement forward req-REQUEST --to mz',
  ];
  static override args = {
    agreement: Args.string({
      required: true,
      description: '协议或目录外申请的编号 / id of the agreement or off-catalog request',
    }),
  };
  static override flags = {
    to: Flags.string({
      summary: '目录外申请:指派答复的部门 / of an off-catalog request: the department that is to reply',
    }),
    note: Flags.string({ summary: '说明 / note' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementForward);
    const { to, note } = flags;
    const params = { id: args.agreement };
    const said = note ? { note } : {};
    if (isRequestId(params.id))
      return this.onRequest(flags.profile, (client) =>
        client.call(
          personRoutes.forwardRequest,
          { params, body: { ...said, ...(to && { department: to }) } },
          this.signal,
        ),
      );
    if (to !== undefined) throw requestErrors.FORWARD_TO({ agreement: params.id, department: to });
    const matter = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.forwardApplication, { params, body: said }, this.signal),
    );
    return this.tellMatter(matter);
  }
}

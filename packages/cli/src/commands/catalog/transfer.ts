import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogTransfer extends CatalogStepCommand {
  static override summary = '变更目录条目的责任部门 (R009) / change the department responsible for an entry';
  static override description = [
    '由原部门(或主管部门)的目录编辑员起草并提交,接收部门的管理员核实;目录须经审核的平台再由主管部门注册、发布,其他平台核实即生效。无须审核的平台,也可由主管部门的审批人以 --at-once 立即变更。',
    '代码、版本、未办结的职责期限随之转到接收部门。原部门的前置机立即不得供数;接收部门重新通过保密审查(catalog review)并指定前置机(catalog supply)。生效中的授权换成新的授权版本,待接收部门的全量到达后整体替换取用方的数据,此前保持原样。',
    'An editor of the present or of the competent department drafts and submits it, an admin of the receiving department verifies it; where the platform asks for reviews the competent department then registers and releases it, elsewhere it is in force with that. Where none are asked for, an approver of the competent department does it --at-once.',
    'Code, versions and open duties go on under the receiving department. Agents of the present one supply no more, at once; the receiving one passes a secrecy review (catalog review) and orders an agent of its own (catalog supply). Agreements in force go on as new grant versions: consumers keep what they have until its first whole copy takes the place of it.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> catalog transfer social_group --to rs --reason 机构改革职能划转',
    '<%= config.bin %> catalog transfer social_group --to rs --reason 机构改革职能划转 --at-once',
  ];
  static override flags = {
    to: Flags.string({ required: true, summary: '接收部门 / the department that is to be responsible' }),
    reason: Flags.string({ required: true, summary: '理由 / reason' }),
    'at-once': Flags.boolean({ summary: '不经审核 / without reviews' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogTransfer);
    const { code } = args;
    const { to, reason } = flags;
    const request = { params: { code }, body: { to, reason } };
    if (!flags['at-once']) {
      return this.tell(
        await this.withPlatform(flags.profile, (client) =>
          client.call(personRoutes.draftTransfer, request, this.signal),
        ),
      );
    }
    const done = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.transferCatalog, request, this.signal),
    );
    const [renewed, ended] = [done.renewedAgreements.length, done.endedAgreements.length];
    this.log(
      this.say(
        `${code} 的责任部门由 ${done.from} 变更为 ${to};换发授权 ${renewed} 份,终止 ${ended} 份`,
        `${to} is responsible for ${code} in place of ${done.from}; grants renewed: ${renewed}, ended: ${ended}`,
      ),
    );
    this.logToStderr(
      this.say(
        `下一步,由安全保密员:qianzhi catalog review ${code} --result passed --note 意见;再由 ${to}:qianzhi catalog supply ${code} --agent 前置机`,
        `next, by the security officer: qianzhi catalog review ${code} --result passed --note NOTE; then by ${to}: qianzhi catalog supply ${code} --agent AGENT`,
      ),
    );
    return done;
  }
}

import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogWithdraw extends CatalogStepCommand {
  static override summary = '撤销目录条目 (R009) / withdraw an entry';
  static override description =
    '由目录编辑员起草,与发布走同样的审核;无须审核的平台,由部门管理员以 --at-once 立即撤销。撤销后不再受理申请;再次发布即恢复。\nAn editor drafts it, and it goes through the reviews of a publication; where the platform asks for none, a department admin withdraws --at-once. Nobody applies for it from then on, until it is published again.';
  static override examples = [
    '<%= config.bin %> catalog withdraw social_group --reason 职能划出 --agreements run-out',
    '<%= config.bin %> catalog withdraw social_group --reason 职能划出 --agreements end --at-once',
  ];
  static override flags = {
    reason: Flags.string({ required: true, summary: '理由 / reason' }),
    agreements: Flags.option({
      options: ['run-out', 'end'] as const,
      required: true,
      summary: '生效中的协议:到期为止,或立即终止 / agreements in force: run out, or end at once',
    })(),
    'at-once': Flags.boolean({ summary: '不经审核 / without reviews' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogWithdraw);
    const body = { reason: flags.reason, liveAgreements: flags.agreements };
    const request = { params: { code: args.code }, body };
    if (!flags['at-once']) {
      return this.tell(
        await this.withPlatform(flags.profile, (client) =>
          client.call(personRoutes.draftWithdrawal, request, this.signal),
        ),
      );
    }
    const done = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.withdrawCatalog, request, this.signal),
    );
    const count = done.endedAgreements.length;
    this.log(
      this.say(
        `已撤销 ${done.code},终止协议 ${count} 份`,
        `withdrew ${done.code}; agreements ended: ${count}`,
      ),
    );
    return done;
  }
}

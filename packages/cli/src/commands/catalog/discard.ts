import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { CatalogStepCommand } from '../../catalog/catalog-step-command.js';

export default class CatalogDiscard extends CatalogStepCommand {
  static override summary = '放弃目录草稿 / give up a draft';
  static override description =
    '主管部门的审批人可放弃其他部门占用代码的草稿,须以 --note 说明理由。未提交的草稿占用未发布的代码至多 30 天,其后他部门起草即让出。\nAn approver of the competent department may give up the draft of another that holds a code, with the reason as --note. A draft that is not submitted holds a code that nobody publishes for 30 days; after that it gives way to another department’s.';
  static override examples = ['<%= config.bin %> catalog discard social_group'];
  static override flags = { note: Flags.string({ default: '', summary: '意见 / note' }) };

  async run() {
    const { args, flags } = await this.parse(CatalogDiscard);
    const request = { params: { code: args.code }, body: { note: flags.note } };
    return this.tell(
      await this.withPlatform(flags.profile, (client) =>
        client.call(personRoutes.discardCatalog, request, this.signal),
      ),
    );
  }
}

import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { parseColumns } from '../../agreement/bases.js';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementLink extends MatterCommand {
  static override summary =
    '提供部门:指明为目录外申请所编的目录条目 (R069) / name the catalog entry made for an off-catalog request';
  static override description =
    '已发布的条目当即关联,编目义务随之了结;尚未发布的,发布时自动关联。\nAn entry that is published is linked at once, which ends the duty; one that is not is linked when it is published.';
  static override examples = [
    '<%= config.bin %> agreement link req-REQUEST --resource annual_check',
    '<%= config.bin %> agreement link req-REQUEST --resource annual_check --item 年检结论=result',
  ];
  static override args = {
    request: Args.string({ required: true, description: '目录外申请的编号 / id of the off-catalog request' }),
  };
  static override flags = {
    resource: Flags.string({ required: true, summary: '资源代码 / resource code' }),
    item: Flags.string({
      multiple: true,
      summary:
        '名称不同的信息项 名称=列,可多次 / an item that the entry calls otherwise, NAME=COLUMN; repeatable',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementLink);
    const body = { resource: flags.resource, ...(flags.item && { columns: parseColumns(flags.item) }) };
    return this.onRequest(flags.profile, (client) =>
      client.call(personRoutes.linkRequest, { params: { id: args.request }, body }, this.signal),
    );
  }
}

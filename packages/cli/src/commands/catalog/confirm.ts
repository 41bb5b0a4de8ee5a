import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogConfirm extends PlatformCommand {
  static override summary =
    '目录条目已核对,无须更新,办结更新职责 (R006) / an entry was looked at and needs no change: close its update duty';
  static override description =
    '由提供部门的管理员声明,理由与办理人留存于职责经过。原样重新发布、成批导入未变的条目不办结更新职责。\nAn admin of the providing department says so; who and why is kept in the history of the duty. Publishing or importing an entry as it is closes no duty.';
  static override examples = [
    '<%= config.bin %> catalog confirm social_group --reason 条例修订不涉及本资源的信息项',
  ];
  static override args = { code: Args.string({ required: true, description: '资源代码 / resource code' }) };
  static override flags = { reason: Flags.string({ required: true, summary: '理由 / reason' }) };

  async run() {
    const { args, flags } = await this.parse(CatalogConfirm);
    const { code } = args;
    const body = { reason: flags.reason };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.confirmCatalog, { params: { code }, body }, this.signal),
    );
    const count = answer.closed.length;
    this.log(
      this.say(
        `✓ ${code} 已核对,无须更新;办结更新职责 ${count} 项`,
        `✓ ${code} was looked at and needs no change; duties closed: ${count}`,
      ),
    );
    return answer;
  }
}

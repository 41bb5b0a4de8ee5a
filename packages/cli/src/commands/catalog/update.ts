import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogUpdate extends PlatformCommand {
  static override summary =
    '因法规修订或职能变化,要求限期更新目录 (R006) / open the duty to bring an entry up to date';
  static override description =
    '期限取自施行的政策配置;修改后重新发布或撤销该条目即办结;核对后无须改动的,由部门管理员 catalog confirm。\nThe deadline is that of the policy in force; publishing the entry changed, or withdrawing it, closes the duty; where nothing needs to change, a department admin says so with catalog confirm.';
  static override examples = [
    '<%= config.bin %> catalog update social_group --event law-revised --note 社会团体登记管理条例修订',
  ];
  static override args = { code: Args.string({ required: true, description: '资源代码 / resource code' }) };
  static override flags = {
    event: Flags.option({
      options: ['law-revised', 'functions-changed'] as const,
      required: true,
      summary: '事由:法规修订、职能变化 / what happened',
    })(),
    note: Flags.string({ required: true, summary: '说明 / note' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogUpdate);
    const body = { resources: [args.code], event: flags.event, note: flags.note };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.openCatalogUpdate, { body }, this.signal),
    );
    for (const { owner, dueDay } of answer.duties) {
      const due = dueDay ?? this.say('无期限', 'no deadline');
      this.log(
        this.say(
          `已要求 ${owner} 更新 ${args.code}:${due}`,
          `${owner} is to bring ${args.code} up to date: ${due}`,
        ),
      );
    }
    return answer;
  }
}

import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';
import { word } from '../../words.js';

export default class CatalogReview extends PlatformCommand {
  static override summary = '记录保密审查结果 (R044) / record a secrecy review';
  static override description =
    '没有通过的保密审查,资源不得供数。\nWithout a review that passed nothing of the resource is supplied.';
  static override examples = [
    '<%= config.bin %> catalog review social_group --result passed --note 不含涉密信息',
  ];
  static override args = { code: Args.string({ required: true, description: '资源代码 / resource code' }) };
  static override flags = {
    result: Flags.option({
      options: ['passed', 'failed'] as const,
      required: true,
      summary: '结果 / result',
    })(),
    note: Flags.string({ default: '', summary: '意见 / note' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogReview);
    const body = { result: flags.result, note: flags.note };
    const review = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.reviewSecrecy, { params: { code: args.code }, body }, this.signal),
    );
    this.log(
      this.say(
        `已记录 ${review.resource} 第 ${review.schemaVersion} 版的保密审查:${word(review.result)}`,
        `recorded the secrecy review of ${review.resource} version ${review.schemaVersion}: ${review.result}`,
      ),
    );
    if (review.result === 'passed')
      this.logToStderr(
        this.say(
          `下一步,由提供部门:qianzhi catalog supply ${review.resource} --agent 前置机`,
          `next, by the providing department: qianzhi catalog supply ${review.resource} --agent AGENT`,
        ),
      );
    return review;
  }
}

import { personRoutes, sharingOf } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';
import { answeredBy, parametersText, parameterText } from '../../query/services.js';
import { timeText, word } from '../../words.js';

export default class CatalogShow extends PlatformCommand {
  static override summary = '目录条目及其信息项 / one resource with its items';
  static override examples = ['<%= config.bin %> catalog show social_group'];
  static override args = { code: Args.string({ required: true, description: '资源代码 / resource code' }) };
  static override flags = { version: Flags.integer({ summary: '架构版本 / schema version' }) };

  async run() {
    const { args, flags } = await this.parse(CatalogShow);
    const entry = await this.withPlatform(flags.profile, (client) =>
      client.call(
        personRoutes.showCatalog,
        { params: { code: args.code }, query: { version: flags.version } },
        this.signal,
      ),
    );
    const { resource } = entry;
    this.log(
      `${resource.code}  ${resource.name}  ${resource.department}  v${resource.schemaVersion}  ${word(resource.sharing)}  ${word(resource.updateCycle)}`,
    );
    this.table(resource.items, [
      { name: this.say('信息项', 'item'), value: (row) => row.name },
      { name: this.say('列', 'column'), value: (row) => row.column },
      { name: this.say('类型', 'type'), value: (row) => `${row.type}${row.length ? `(${row.length})` : ''}` },
      { name: this.say('主键', 'key'), value: (row) => (row.key ? '✓' : '') },
      { name: this.say('必填', 'required'), value: (row) => (row.key || row.required ? '✓' : '') },
      { name: this.say('共享', 'sharing'), value: (row) => word(sharingOf(resource, row)) },
    ]);
    if (resource.queries) {
      this.table(resource.queries, [
        { name: this.say('查询服务', 'query service'), value: (row) => row.name },
        { name: this.say('参数', 'parameters'), value: parametersText },
        {
          name: this.say('参数类型', 'given as'),
          value: (row) => row.parameters.map((one) => parameterText(resource, one)).join(', '),
        },
        { name: this.say('返回', 'answers'), value: (row) => row.items.join(' ') },
        { name: this.say('最多行', 'most rows'), value: (row) => row.maxRows },
        { name: this.say('答复方', 'answered by'), value: (row) => this.say(...answeredBy(row)) },
        { name: this.say('说明', 'summary'), value: (row) => row.summary },
      ]);
    }
    const { secrecyReview: review, suppliers } = entry;
    this.log(
      this.say(
        `保密审查:${review ? `${word(review.result)}(${review.reviewer},${timeText(review.reviewedAt)})` : '未做'};供数前置机:${suppliers.join('、') || '未指定'}`,
        `secrecy review: ${review ? `${review.result} (${review.reviewer}, ${timeText(review.reviewedAt)})` : 'none'}; supplied by: ${suppliers.join(', ') || 'nobody'}`,
      ),
    );
    const { withdrawn } = entry;
    if (withdrawn)
      this.log(
        this.say(
          `! 已撤销(${timeText(withdrawn.withdrawnAt)}):${withdrawn.reason}`,
          `! withdrawn (${timeText(withdrawn.withdrawnAt)}): ${withdrawn.reason}`,
        ),
      );
    if (entry.waiver) {
      const { upper, platform, system } = entry.waiver;
      this.log(
        this.say(
          `免报 (R139):由 ${platform} 的 ${upper}(${system})报送`,
          `supply waived (R139): reported as ${upper} on ${platform} (${system})`,
        ),
      );
    }
    if (resource.sharingCondition)
      this.log(this.say(`共享条件:${resource.sharingCondition}`, `condition: ${resource.sharingCondition}`));
    return entry;
  }
}

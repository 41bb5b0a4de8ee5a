import { isRequestId, type Matter, personRoutes } from '@qianzhi/model';
import { Args } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';
import { actWord } from '../../agreement/matter-text.js';
import { requestFields } from '../../agreement/request-text.js';
import { quotaText } from '../../quota.js';
import { timeText, word } from '../../words.js';

export default class AgreementShow extends MatterCommand {
  static override summary = '一份申请、授权或目录外申请 / one application, agreement or off-catalog request';
  static override examples = [
    '<%= config.bin %> agreement show 0197f3c2',
    '<%= config.bin %> agreement show 0197f3c2 --json',
  ];
  static override args = { id: Args.string({ required: true, description: '编号 / id' }) };

  async run() {
    const { args, flags } = await this.parse(AgreementShow);
    if (isRequestId(args.id)) {
      const params = { id: args.id };
      return this.onRequest(flags.profile, async (client) => {
        const request = await client.call(personRoutes.showRequest, { params }, this.signal);
        this.fields(requestFields(request));
        if (request.matter) this.story(request.matter);
        return request;
      });
    }
    const { agreement, matter } = await this.withPlatform(flags.profile, async (client) => ({
      agreement: await client.call(personRoutes.showAgreement, { params: { id: args.id } }, this.signal),
      matter: await this.findMatter(client, args.id),
    }));
    const { purpose, masks } = agreement;
    this.fields([
      [this.say('编号', 'id'), agreement.id],
      [this.say('状态', 'state'), word(agreement.state)],
      [this.say('资源', 'resource'), agreement.resource],
      [this.say('提供', 'provider'), agreement.provider],
      [this.say('使用', 'consumer'), agreement.consumer],
      [this.say('信息项', 'items'), agreement.items.join(' ')],
      [
        this.say('脱敏', 'masks'),
        Object.entries(masks)
          .map(([item, rule]) => `${item}=${rule}`)
          .join(' ') || '—',
      ],
      [this.say('行范围', 'rows'), agreement.rows ?? this.say('全部', 'all')],
      [this.say('事项', 'matter'), purpose.matter],
      [this.say('依据', 'legal basis'), purpose.legalBasis || '—'],
      [this.say('方式', 'modes'), agreement.modes.map(word).join(' ')],
      [this.say('配额', 'quota'), quotaText(agreement.quota)],
      [this.say('来源地址', 'addresses'), agreement.addresses?.join(' ') ?? this.say('不限', 'any')],
      [this.say('申请', 'applied'), `${agreement.appliedBy} ${timeText(agreement.appliedAt)}`],
      [
        this.say('决定', 'decided'),
        agreement.decidedBy ? `${agreement.decidedBy} ${timeText(agreement.decidedAt) ?? ''}` : '—',
      ],
      [this.say('理由', 'reason'), agreement.reason ?? '—'],
      [this.say('有效期止', 'valid until'), timeText(agreement.validTo)],
    ]);
    if (!matter) return agreement;
    this.story(matter);
    this.tellMatter(matter);
    return { ...agreement, matter };
  }

  private fields(rows: readonly (readonly [name: string, value: string | undefined])[]): void {
    this.table(rows, [
      { name: this.say('项', 'field'), value: ([name]) => name },
      { name: this.say('内容', 'content'), value: ([, value]) => value },
    ]);
  }

  private story({ events }: Matter): void {
    this.table(events, [
      { name: this.say('时间', 'time'), value: (row) => timeText(row.at) },
      { name: this.say('经办', 'by'), value: (row) => row.actor },
      { name: this.say('经过', 'what'), value: (row) => actWord(row.act) },
      { name: this.say('记录', 'record'), value: (row) => row.text },
    ]);
  }
}

import { Args } from '@oclif/core';
import { personRoutes } from '@qianzhi/model';
import { MatterCommand } from '../../agreement/matter-command.js';
import { actWord } from '../../agreement/matter-text.js';
import { quotaText } from '../../quota.js';
import { timeText, word } from '../../words.js';

export default class AgreementShow extends MatterCommand {
  static override summary = '一份申请或授权 / one application or agreement';
  static override examples = [
    '<%= config.bin %> agreement show 0197f3c2',
    '<%= config.bin %> agreement show 0197f3c2 --json',
  ];
  static override args = { id: Args.string({ required: true, description: '编号 / id' }) };

  async run() {
    const { args, flags } = await this.parse(AgreementShow);
    const { agreement, matter } = await this.withPlatform(flags.profile, async (client) => ({
      agreement: await client.call(personRoutes.showAgreement, { params: { id: args.id } }, this.signal),
      matter: await this.findMatter(client, args.id),
    }));
    const { purpose, masks } = agreement;
    this.table(
      [
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
      ] as const,
      [
        { name: this.say('项', 'field'), value: ([name]) => name },
        { name: this.say('内容', 'content'), value: ([, value]) => value },
      ],
    );
    if (!matter) return agreement;
    this.table(matter.events, [
      { name: this.say('时间', 'time'), value: (row) => timeText(row.at) },
      { name: this.say('经办', 'by'), value: (row) => row.actor },
      { name: this.say('经过', 'what'), value: (row) => actWord(row.act) },
      { name: this.say('记录', 'record'), value: (row) => row.text },
    ]);
    this.tellMatter(matter);
    return { ...agreement, matter };
  }
}

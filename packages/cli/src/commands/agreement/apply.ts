import { Args, Flags } from '@oclif/core';
import { type Application, type MaskRule, type Mode, personRoutes } from '@qianzhi/model';
import { cliErrors } from '../../errors.js';
import { PlatformCommand } from '../../platform-command.js';
import { parseQuota } from '../../quota.js';
import { word } from '../../words.js';

export default class AgreementApply extends PlatformCommand {
  static override summary = '申请或订阅资源 / apply for a resource, or subscribe to it';
  static override description =
    "只含无条件共享信息项的申请当即生效(R057);含有条件共享信息项的须经审批。\nUnconditional items are granted at once; conditional ones wait for approval.\n\n行范围(--rows)的写法:信息项 = <> < <= > >= 值、信息项 in (值, …)、信息项 is null、信息项 starts with '文本',以 and、or、not 和括号连接。文本加单引号,数字和日期不加;条件遇到空值为未知,只给出条件为真的行。\nA row scope (--rows): ITEM = <> < <= > >= VALUE, ITEM in (VALUE, …), ITEM is null, ITEM starts with 'TEXT', joined by and, or, not and parentheses. Text is quoted, numbers and dates are not; a condition on null is unknown, and only rows it is true of are given.";
  static override examples = [
    '<%= config.bin %> agreement apply xzqh_village --matter 税源管理 --usage work-reference',
    `<%= config.bin %> agreement apply company --matter 本地税源 --rows "行政区划 = '441302' and 成立日期 >= 2020-01-01"`,
    '<%= config.bin %> agreement apply social_group --item legal_rep_name --item legal_rep_id_no --matter 实名办税 --legal-basis 税收征收管理法第六条',
  ];
  static override args = {
    resource: Args.string({ required: true, description: '资源代码 / resource code' }),
  };
  static override flags = {
    item: Flags.string({
      multiple: true,
      summary: '申请的信息项(列名);不给则为全部无条件共享项 / items by column; none: all unconditional ones',
    }),
    matter: Flags.string({ required: true, summary: '具体业务事项 (R066) / the business matter' }),
    usage: Flags.option({
      options: ['administrative-basis', 'work-reference', 'data-check', 'business-cooperation'] as const,
      default: 'work-reference',
      summary: '用途 (R025) / what the data is used for',
    })(),
    'legal-basis': Flags.string({ default: '', summary: '法律依据 (R067) / legal basis' }),
    mask: Flags.string({
      multiple: true,
      summary:
        '脱敏 列=规则;规则:name id-6-4 id-3-4 phone address pseudonym / mask COLUMN=RULE; rules: name id-6-4 id-3-4 phone address pseudonym',
    }),
    rows: Flags.string({
      summary:
        '行范围:只取满足条件的行;不给则同已有授权 / row scope: rows this is true of; left out: as held already',
    }),
    'all-rows': Flags.boolean({
      exclusive: ['rows'],
      summary: '取消已有的行范围,申请全部行 / all rows, in place of the row scope held',
    }),
    mode: Flags.option({
      options: ['docking', 'batch-download', 'online-query', 'sftp'] as const,
      multiple: true,
      default: ['docking'],
      summary: '共享方式 (R034) / modes',
    })(),
    quota: Flags.string({
      multiple: true,
      summary:
        '配额 名=数值,四种方式合计;名:requestsPerMinute requestsPerDay rowsPerDay bytesPerDay / quota BOUND=NUMBER over all modes together; bounds: requestsPerMinute requestsPerDay rowsPerDay bytesPerDay',
    }),
    'valid-to': Flags.string({
      summary: '有效期止,如 2026-12-31T00:00:00+08:00 / valid until, such as 2026-12-31T00:00:00+08:00',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementApply);
    const masks = Object.fromEntries((flags.mask ?? []).map(parseMask));
    const body: Application = {
      resource: args.resource,
      items: flags.item ?? [],
      ...(flags.mask && { masks }),
      ...(flags.rows !== undefined && { rows: flags.rows }),
      ...(flags['all-rows'] && { rows: '' }),
      purpose: { usage: flags.usage, matter: flags.matter, legalBasis: flags['legal-basis'] },
      modes: flags.mode as Mode[],
      ...(flags.quota && { quota: parseQuota(flags.quota) }),
      ...(flags['valid-to'] && { validTo: flags['valid-to'] }),
    };
    const agreement = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.apply, { body }, this.signal),
    );
    this.log(`${agreement.id}  ${word(agreement.state)}  ${agreement.items.join(' ')}`);
    if (agreement.rows !== null) this.log(`${this.say('行范围', 'rows')}: ${agreement.rows}`);
    if (agreement.state === 'applied')
      this.log(
        this.say(
          `待审批:qianzhi agreement approve ${agreement.id}`,
          `waits for approval: qianzhi agreement approve ${agreement.id}`,
        ),
      );
    return agreement;
  }
}

function parseMask(text: string): [string, MaskRule] {
  const at = text.indexOf('=');
  if (at < 1) throw cliErrors.FLAG_WRONG({ flag: '--mask', value: text, shape: 'column=rule' });
  return [text.slice(0, at), text.slice(at + 1) as MaskRule];
}

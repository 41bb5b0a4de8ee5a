import type { PlatformClient } from '@qianzhi/client';
import { type Application, type MaskRule, type Mode, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { type ApplicationAnswers, askApplication, usages } from '../../agreement/ask-application.js';
import { parseBases } from '../../agreement/bases.js';
import { requestErrors } from '../../agreement/errors.js';
import { findScenario } from '../../agreement/find-scenario.js';
import { MatterCommand } from '../../agreement/matter-command.js';
import { canAsk } from '../../ask.js';
import { untilTime } from '../../day-text.js';
import { cliErrors } from '../../errors.js';
import { parseQuota } from '../../quota.js';
import { word } from '../../words.js';

export default class AgreementApply extends MatterCommand {
  static override summary = '申请或订阅资源 / apply for a resource, or subscribe to it';
  static override description =
    "只含无条件共享信息项的申请当即生效(R057);含有条件共享信息项的须经审批。在终端上缺什么问什么,最后说明下一步和期限。\nUnconditional items are granted at once; conditional ones wait for approval. At a terminal what is missing is asked for, and the end says what comes next and by when.\n\n行范围(--rows)的写法:信息项 = <> < <= > >= 值、信息项 in (值, …)、信息项 is null、信息项 starts with '文本',以 and、or、not 和括号连接。文本加单引号,数字和日期不加;条件遇到空值为未知,只给出条件为真的行。\nA row scope (--rows): ITEM = <> < <= > >= VALUE, ITEM in (VALUE, …), ITEM is null, ITEM starts with 'TEXT', joined by and, or, not and parentheses. Text is quoted, numbers and dates are not; a condition on null is unknown, and only rows it is true of are given.";
  static override examples = [
    '<%= config.bin %> agreement apply',
    '<%= config.bin %> agreement apply --scenario shiming-banshui',
    '<%= config.bin %> agreement apply xzqh_village --matter 税源管理 --usage work-reference',
    `<%= config.bin %> agreement apply company --matter 本地税源 --rows "行政区划 = '441302' and 成立日期 >= 2020-01-01"`,
    '<%= config.bin %> agreement apply social_group --item legal_rep_name --item legal_rep_id_no --matter 实名办税 --legal-basis 税收征收管理法第六条',
  ];
  static override args = {
    resource: Args.string({
      description: '资源代码;不给则列出供选择 / resource code; asked for where it is left out',
    }),
  };
  static override flags = {
    request: Flags.string({
      exclusive: ['scenario'],
      summary:
        '目录外申请 (R069):其条目发布后据以申请,不写的取其内容 / off-catalog request: applies for its published entry; what is left out is what it says',
    }),
    scenario: Flags.string({
      summary:
        '应用场景 (R078):在场景之内的当即授权;资源、信息项、事项、用途、方式不写则取场景的 / scenario: granted at once within it; what is left out is what it says',
    }),
    item: Flags.string({
      multiple: true,
      summary: '申请的信息项(列名);不给则为全部无条件共享项 / items by column; none: all unconditional ones',
    }),
    matter: Flags.string({ summary: '具体业务事项 (R066) / the business matter' }),
    usage: Flags.option({
      options: usages,
      summary:
        '用途 (R025),不问时为 work-reference / what the data is used for; work-reference where nobody is asked',
    })(),
    'legal-basis': Flags.string({ default: '', summary: '法律依据 (R067) / legal basis' }),
    basis: Flags.string({
      multiple: true,
      summary: '逐项依据 列=依据 (R067) / statutory basis of an item, COLUMN=BASIS',
    }),
    need: Flags.string({
      summary:
        '履职所需:申请不予共享的信息项时写明,经协商后裁定 (R138) / why duty requires items that are not shared; negotiated, then ruled on',
    }),
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
      summary: '共享方式 (R034),不给则为 docking / modes; docking where left out',
    })(),
    quota: Flags.string({
      multiple: true,
      summary:
        '配额 名=数值,四种方式合计;名:requestsPerMinute requestsPerDay rowsPerDay bytesPerDay / quota BOUND=NUMBER over all modes together; bounds: requestsPerMinute requestsPerDay rowsPerDay bytesPerDay',
    }),
    address: Flags.string({
      multiple: true,
      summary:
        '联机查询和下载的来源地址或网段,如 10.20.0.0/16;不给则同已有授权 / address or network that queries and downloads come from; left out: as held already',
    }),
    'any-address': Flags.boolean({
      exclusive: ['address'],
      summary: '取消已有的来源地址限制 / from anywhere, in place of the addresses held',
    }),
    'valid-to': Flags.string({
      summary: '有效期止,如 2026-12-31(含当日)/ valid until, such as 2026-12-31, that day included',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementApply);
    const masks = Object.fromEntries((flags.mask ?? []).map(parseMask));
    return this.withPlatform(flags.profile, async (client) => {
      const bases = parseBases(flags.basis ?? []);
      const scenario = await findScenario(client, flags.scenario, this.signal);
      const request = await this.filledBy(client, flags.request);
      const filled = request ?? scenario;
      const { purpose } = filled ?? {};
      const given = {
        resource: args.resource ?? filled?.resource,
        items: flags.item ?? request?.items,
        matter: flags.matter ?? purpose?.matter,
        usage: flags.usage ?? purpose?.usage,
        bases: { ...request?.itemBasis, ...bases },
        legalBasis: flags['legal-basis'] || (purpose?.legalBasis ?? ''),
      };
      const missing = given.resource === undefined || given.matter === undefined;
      const asked =
        missing && canAsk()
          ? await askApplication(client, given, this.signal)
          : { ...given, ...settled(given) };
      const body: Application = {
        resource: asked.resource,
        items: [...(asked.items ?? [])],
        ...(flags.mask && { masks }),
        ...(flags.rows !== undefined && { rows: flags.rows }),
        ...(flags['all-rows'] && { rows: '' }),
        purpose: { usage: asked.usage, matter: asked.matter, legalBasis: asked.legalBasis },
        ...(Object.keys(asked.bases).length > 0 && { itemBasis: asked.bases }),
        ...(flags.need && { need: flags.need }),
        ...(scenario && { scenario: scenario.id }),
        ...(flags.request && { request: flags.request }),
        modes: (flags.mode as Mode[] | undefined) ?? filled?.modes ?? ['docking'],
        ...(flags.quota && { quota: parseQuota(flags.quota) }),
        ...(flags.address && { addresses: flags.address }),
        ...(flags['any-address'] && { addresses: [] }),
        ...(request?.validTo && { validTo: request.validTo }),
        ...(flags['valid-to'] && { validTo: untilTime('--valid-to', flags['valid-to']) }),
      };
      const agreement = await client.call(personRoutes.apply, { body }, this.signal);
      this.log(`${agreement.id}  ${word(agreement.state)}  ${agreement.items.join(' ')}`);
      if (agreement.rows !== null) this.log(`${this.say('行范围', 'rows')}: ${agreement.rows}`);
      if (agreement.state !== 'applied') return agreement;
      if (scenario)
        this.log(
          this.say(
            '安全保密协议签署之前,应用场景不能直接授权,按一般程序办理',
            'the scenario grants nothing before the confidentiality agreement is signed: it goes the usual way',
          ),
        );
      const matter = await this.findMatter(client, agreement.id);
      if (matter) this.tellMatter(matter);
      return agreement;
    });
  }

  /** Throws QZ_CLI_REQUEST_NOT_LINKED before its entry is published. */
  private async filledBy(client: PlatformClient, id: string | undefined): Promise<Application | undefined> {
    if (id === undefined) return undefined;
    const { application } = await client.call(personRoutes.showRequest, { params: { id } }, this.signal);
    if (!application) throw requestErrors.REQUEST_NOT_LINKED({ request: id });
    return application;
  }
}

/** Where nobody can be asked, what has no default must have been given. */
function settled({ resource, matter, usage }: Pick<ApplicationAnswers, 'resource' | 'matter' | 'usage'>) {
  const lacks = (zh: string, en: string, flag: string) => cliErrors.INPUT_NEEDED({ what: { zh, en }, flag });
  if (resource === undefined) throw lacks('资源代码', 'the resource code', 'RESOURCE');
  if (matter === undefined) throw lacks('具体业务事项', 'the business matter', '--matter');
  return { resource, matter, usage: usage ?? ('work-reference' as const) };
}

function parseMask(text: string): [string, MaskRule] {
  const at = text.indexOf('=');
  if (at < 1)
    throw cliErrors.FLAG_WRONG({ flag: '--mask', value: text, shape: { zh: '列=规则', en: 'COLUMN=RULE' } });
  return [text.slice(0, at), text.slice(at + 1) as MaskRule];
}

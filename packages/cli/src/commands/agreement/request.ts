import { type Mode, type NewOffCatalogRequest, personRoutes, type WantedItem } from '@qianzhi/model';
import { Flags } from '#oclif';
import { usages } from '../../agreement/ask-application.js';
import { parseWanted } from '../../agreement/bases.js';
import { MatterCommand } from '../../agreement/matter-command.js';
import { canAsk } from '../../ask.js';
import { untilTime } from '../../day-text.js';

export default class AgreementRequest extends MatterCommand {
  static override summary = '申请目录之外的数据 (R069) / ask for data that is in no catalog';
  static override description =
    '与目录内的申请同一程序:答复、协商、会审、裁定。同意后由提供部门编目;条目发布后以 agreement apply --request 提出申请,内容已填好。在终端上缺什么问什么。\nIt goes the way of an application: reply, negotiation, joint review, ruling. Once it was agreed to, the provider makes a catalog entry; when that is published, `agreement apply --request` applies for it with everything filled in. At a terminal what is missing is asked for.';
  static override examples = [
    '<%= config.bin %> agreement request',
    '<%= config.bin %> agreement request --name 社会组织年检结果 --item 统一社会信用代码=税收征收管理法第六条 --item 年检结论=税收征收管理法第五十七条 --matter 免税资格认定 --department mz',
  ];
  static override flags = {
    name: Flags.string({ summary: '所需信息的名称 / what is needed' }),
    item: Flags.string({
      multiple: true,
      summary: '所需信息项 名称=法定依据 (R067),可多次 / an item, NAME=BASIS; repeatable',
    }),
    matter: Flags.string({ summary: '具体业务事项 (R066) / the business matter' }),
    usage: Flags.option({
      options: usages,
      default: 'work-reference',
      summary: '用途 (R025) / what the data is used for',
    })(),
    'legal-basis': Flags.string({ default: '', summary: '总的法律依据 / a legal basis for all' }),
    department: Flags.string({
      summary:
        '掌握该信息的部门;不知道则不写,由主管部门指派 / department that holds it; left out: the competent department finds it',
    }),
    mode: Flags.option({
      options: ['docking', 'batch-download', 'online-query', 'sftp'] as const,
      multiple: true,
      summary: '共享方式 (R034),不给则为 docking / modes; docking where left out',
    })(),
    'valid-to': Flags.string({
      summary: '使用期限止,如 2027-12-31(含当日)/ needed until, such as 2027-12-31, that day included',
    }),
  };

  async run() {
    const { flags } = await this.parse(AgreementRequest);
    const name = await this.needed(flags.name, '--name', '所需信息的名称', 'what is needed');
    const items = await this.wanted(flags.item, flags['legal-basis']);
    const matter = await this.needed(
      flags.matter,
      '--matter',
      '用于哪项具体业务',
      'for which business matter',
    );
    const body: NewOffCatalogRequest = {
      name,
      items,
      purpose: { usage: flags.usage, matter, legalBasis: flags['legal-basis'] },
      modes: (flags.mode as Mode[] | undefined) ?? ['docking'],
      ...(flags['valid-to'] && { validTo: untilTime('--valid-to', flags['valid-to']) }),
      ...(flags.department && { department: flags.department }),
    };
    return this.onRequest(flags.profile, (client) =>
      client.call(personRoutes.makeRequest, { body }, this.signal),
    );
  }

  /** As they were given, with a basis asked for where there is none. */
  private async wanted(given: readonly string[] | undefined, basisOfAll: string): Promise<WantedItem[]> {
    const names = '信息项(以空格分隔)';
    const items = parseWanted(
      given ??
        (await this.needed(undefined, '--item', names, 'items, separated by blanks')).split(/[\s,,、]+/),
    );
    if (basisOfAll !== '' || !canAsk()) return items;
    const based: WantedItem[] = [];
    for (const { name, legalBasis } of items) {
      const [zh, en] = [`“${name}”的法定依据`, `statutory basis of "${name}"`];
      based.push({ name, legalBasis: await this.needed(legalBasis, '--item', zh, en) });
    }
    return based;
  }
}

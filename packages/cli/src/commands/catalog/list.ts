import {
  type CatalogEntry,
  catalogKinds,
  chinaDay,
  type DepartmentList,
  type ListKind,
  listKinds,
  listNames,
  listSheet,
  personRoutes,
} from '@qianzhi/model';
import { Flags } from '#oclif';
import { requireFormat } from '../../catalog-file/out-format.js';
import { allEntries } from '../../catalog-pages.js';
import { writeNewFile } from '../../output.js';
import { PlatformCommand } from '../../platform-command.js';
import { word } from '../../words.js';

export default class CatalogList extends PlatformCommand {
  static override summary = '目录列表与检索 / published resources, search';
  static override description = [
    '--text 中的每个词都须出现在代码、名称、摘要或信息项中,两个字即可;不分大小写与全半角。',
    'Each word of --text must be found in code, name, summary or an item, two characters are enough, whatever case and width.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> catalog list',
    '<%= config.bin %> catalog list --department mz --text 登记',
    '<%= config.bin %> catalog list --text "社会 信用代码" --sharing conditional --limit 20',
    '<%= config.bin %> catalog list --attribute theme --theme 健康保障 --no-withdrawn',
    '<%= config.bin %> catalog list --project late',
    '<%= config.bin %> catalog list --list demand --department mz --out demand.xlsx',
  ];
  static override flags = {
    department: Flags.string({ summary: '只看某部门 / of one department' }),
    text: Flags.string({ summary: '检索词,空格分隔 / words to search for, with blanks between' }),
    attribute: Flags.option({
      options: ['basic', 'theme', 'department'] as const,
      summary: '基础、主题或部门资源 / basic, theme or department resources',
    })(),
    sharing: Flags.option({
      options: ['unconditional', 'conditional', 'none'] as const,
      summary: '共享类型 / sharing type',
    })(),
    kind: Flags.option({
      options: catalogKinds,
      summary: '目录类别:国家、基准、补充、项目 / kind of catalog',
    })(),
    theme: Flags.string({ summary: '主题名称 / theme, as the entries write it' }),
    classification: Flags.string({
      summary: '信息资源分类代码的前几位,如 2 为主题类 / first digits of the classification',
    }),
    project: Flags.option({
      options: ['pre-compiled', 'registered', 'late'] as const,
      summary:
        '项目目录 (R014):预编、已登记、逾期未登记 / of projects: pre-compiled, registered, not registered in time',
    })(),
    withdrawn: Flags.boolean({
      allowNo: true,
      summary: '只看已撤销的;--no-withdrawn 不看 / only withdrawn ones, or none of them',
    }),
    list: Flags.option({
      options: listKinds,
      summary:
        '看清单而非资源:责任、需求、负面 (R018)、法定共享 (R017) / lists instead of resources: responsibility, demand, not shared, statutory',
      exclusive: [
        'text',
        'attribute',
        'sharing',
        'kind',
        'theme',
        'classification',
        'project',
        'withdrawn',
        'limit',
      ],
    })(),
    out: Flags.string({
      summary: '清单写入新文件,.xlsx 或 .yaml / write the list into a new file, .xlsx or .yaml',
      dependsOn: ['list'],
    }),
    limit: Flags.integer({
      min: 1,
      max: 500,
      summary: '只取一页,至多这么多条 / one page of at most so many; all unless told',
    }),
    after: Flags.string({
      summary: '接着上一页:其输出的 next / go on after a page: its `next`',
      dependsOn: ['limit'],
    }),
  };

  async run() {
    const { flags } = await this.parse(CatalogList);
    if (flags.list) return this.showList(flags.list, flags.department, flags.profile, flags.out);
    const { profile, limit, after, department, text, attribute, sharing } = flags;
    const { kind, theme, classification, project, withdrawn } = flags;
    const query = { department, text, attribute, sharing, kind, theme, classification, project, withdrawn };
    const answer = await this.withPlatform(profile, async (client) =>
      limit === undefined
        ? { resources: await allEntries(client, query, this.signal), next: null }
        : client.call(personRoutes.listCatalog, { query: { ...query, limit, after } }, this.signal),
    );
    this.table(answer.resources, [
      { name: this.say('代码', 'code'), value: (row) => row.resource.code },
      { name: this.say('名称', 'name'), value: (row) => row.resource.name },
      { name: this.say('部门', 'department'), value: (row) => row.resource.department },
      { name: this.say('共享', 'sharing'), value: (row) => word(row.resource.sharing) },
      { name: this.say('更新周期', 'cycle'), value: (row) => word(row.resource.updateCycle) },
      { name: this.say('信息项', 'items'), value: (row) => row.resource.items.length },
      { name: this.say('版本', 'version'), value: (row) => row.resource.schemaVersion },
      {
        name: this.say('保密审查', 'secrecy review'),
        value: (row) => row.secrecyReview && word(row.secrecyReview.result),
      },
      {
        name: this.say('供数前置机', 'suppliers'),
        value: (row) => (row.waiver ? this.say('免报', 'waived') : row.suppliers.join(' ') || '—'),
      },
      { name: this.say('状态', 'state'), value: (row) => this.stateOf(row) },
    ]);
    if (answer.next) this.moreAfter(answer.next);
    return answer;
  }

  /** What is out of the ordinary: withdrawn, or of a project that is not registered yet. */
  private stateOf({ resource, withdrawn }: CatalogEntry): string {
    if (withdrawn) return this.say('! 已撤销', '! withdrawn');
    if (resource.project?.stage !== 'pre-compiled') return '';
    const day = resource.project.acceptedOn ?? resource.project.acceptanceDue;
    const late = day !== undefined && day < chinaDay(new Date());
    if (late) return this.say(`! 项目预编,${day} 应登记`, `! pre-compiled, due ${day}`);
    return this.say('项目预编', 'pre-compiled');
  }

  private async showList(
    list: (typeof listKinds)[number],
    department: string | undefined,
    profile: string,
    out: string | undefined,
  ) {
    const answer = await this.withPlatform(profile, (client) =>
      client.call(personRoutes.departmentLists, { params: { list }, query: { department } }, this.signal),
    );
    if (out !== undefined) return { ...answer, file: await this.writeList(list, answer.lists, out) };
    const entries = answer.lists.flatMap((one) =>
      one.entries.map((entry) => ({ department: one.department, ...entry })),
    );
    this.table(entries, [
      { name: this.say('部门', 'department'), value: (row) => row.department },
      { name: this.say('名称', 'name'), value: (row) => row.name },
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('向哪个部门', 'asked of'), value: (row) => row.provider },
      { name: this.say('业务事项', 'matter'), value: (row) => row.matter },
      { name: this.say('依据', 'basis'), value: (row) => row.basis },
    ]);
    return answer;
  }

  /** Of one department as `catalog put-list` reads it; of several with a column or key that says which. */
  private async writeList(list: ListKind, lists: readonly DepartmentList[], out: string): Promise<string> {
    const { file, format } = requireFormat(out);
    if (format === 'xlsx') {
      const { writeTextWorkbook } = await import('@qianzhi/workbook');
      await writeNewFile(file, await writeTextWorkbook([listSheet(list, lists)]), 0o644);
    } else {
      const { stringify } = await import('yaml');
      const [only] = lists;
      const one = lists.length > 1 ? undefined : { entries: only?.entries ?? [] };
      const several = { lists: lists.map(({ department, entries }) => ({ department, entries })) };
      await writeNewFile(file, stringify(one ?? several, { lineWidth: 0 }), 0o644);
    }
    const entries = lists.reduce((sum, one) => sum + one.entries.length, 0);
    this.log(
      this.say(
        `✓ 已写入 ${file}:${listNames[list].zh},共 ${entries} 条`,
        `✓ ${file} is written: ${listNames[list].en}, entries: ${entries}`,
      ),
    );
    return file;
  }
}

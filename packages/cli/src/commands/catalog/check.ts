import type { ComparedTable, TableDrift } from '@qianzhi/agent';
import { type CatalogResource, currentLanguage, driftCodes, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { readCatalogFile, requireInFile } from '../../catalog-file/read-yaml.js';
import { cliErrors } from '../../errors.js';
import { failureJson, failureOf } from '../../failure.js';
import { asPerson } from '../../platform-command.js';
import { type ConfiguredPlugins, withConfig } from '../../with-connector.js';

/** Exit code where there is drift: that of data that does not fit. */
const DRIFTED = 8;

interface CheckFlags {
  readonly connector?: string | undefined;
  readonly table?: string | undefined;
  readonly file?: string | undefined;
  readonly map?: readonly string[] | undefined;
  readonly ignore?: readonly string[] | undefined;
  readonly profile: string;
}

export default class CatalogCheck extends AgentCommand {
  static override summary = '目录与实际表比对,列出偏差 / compare catalog and live tables and show drift';
  static override description = [
    '不给代码:配置中全部交换作业;给代码:该资源的作业,或 --connector 与 --table 指定的表。目录取自下达给本前置机的任务,没有时取自平台(须已登录),或取自文件。',
    '偏差:ADDED 多出列,DROPPED 列已删,RENAMED 疑似改名,RETYPED 类型变化,NARROWED 变窄,WIDENED 变宽,REKEYED 主键变化,REQUIRED 目标列不可空。有偏差时退出码为 8;已知的以 --ignore 略去。',
    'Without a code: every exchange of the config; with one: those of that resource, or the table of --connector and --table. The entry comes from the orders of this agent, else from the platform as the signed-in person, or from a file.',
    'Drift: ADDED column, DROPPED, RENAMED (a guess), RETYPED, NARROWED, WIDENED, REKEYED, REQUIRED target column. The exit code is 8 where there is any; what is known is left out with --ignore.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> catalog check',
    '<%= config.bin %> catalog check social_group --connector civil --table t_group',
    '<%= config.bin %> catalog check social_group --connector civil --table t_group --file draft.yaml --ignore ADDED',
  ];
  static override args = { code: Args.string({ description: '资源代码 / resource code' }) };
  static override flags = {
    connector: Flags.string({
      summary: '连接器,与 --table 连用 / connector, with --table',
      dependsOn: ['table'],
    }),
    table: Flags.string({ summary: '表,可写 模式.表 / table, or SCHEMA.TABLE', dependsOn: ['connector'] }),
    map: Flags.string({
      multiple: true,
      summary: '列对应:信息项列名=表列名,可多次 / ITEM=COLUMN, repeatable',
    }),
    file: Flags.string({
      summary: '目录文件,代替任务与平台 / a catalog file instead of orders and platform',
    }),
    ignore: Flags.option({
      options: driftCodes,
      multiple: true,
      summary: '略去的偏差,可多次 / drift to leave out, repeatable',
    })(),
    profile: Flags.string({
      summary: '取自平台时的登录身份 / which sign-in to use for the platform',
      env: 'QZ_PROFILE',
      default: 'default',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogCheck);
    if (args.code === undefined && flags.table !== undefined)
      throw cliErrors.ARGUMENT_MISSING({ argument: 'CODE', command: this.words });
    return withConfig(flags.config, async (configured) => {
      const checked: (TableDrift & { exchange: string | null })[] = [];
      const failed: unknown[] = [];
      for (const { exchange, compare } of await this.comparisons(configured, args.code, flags)) {
        try {
          const compared = await compare();
          if (compared) checked.push({ exchange, ...(await this.driftOf(configured, compared, flags)) });
        } catch (error) {
          // one that cannot be asked is told of, and the others are compared
          if (exchange === null) throw error;
          this.reportFailure(error);
          failed.push({ exchange, ...failureJson(failureOf(error, this.words)) });
        }
      }
      for (const one of checked) this.show(one);
      const drift = checked.length > 0 ? checked.some(({ findings }) => findings.length > 0) : null;
      if (drift) process.exitCode = DRIFTED;
      if (checked.length + failed.length === 0) this.sayNothing(args.code);
      return { drift, checked: checked.map(checkedJson), failed };
    });
  }

  /** Nothing compared is no good news. */
  private sayNothing(code: string | undefined): void {
    const about = code === undefined ? '' : ` ${code}`;
    this.log(
      this.say(
        `(没有可比对的:配置中没有读写表的交换作业${about && `涉及${about}`})`,
        `(nothing to compare: the config has no exchange of a table${about && ` about${about}`})`,
      ),
    );
    this.logToStderr(
      this.say(
        '下一步:新增交换作业 qianzhi exchange add;或直接比对一张表,用 --connector 与 --table 指明',
        'next: add one with qianzhi exchange add, or name a table at once with --connector and --table',
      ),
    );
  }

  private async driftOf(
    { loaded, plugins }: ConfiguredPlugins,
    compared: ComparedTable,
    { ignore = [] }: CheckFlags,
  ): Promise<TableDrift> {
    const { driftOf } = await import('@qianzhi/agent');
    const drift = await driftOf(loaded, plugins, compared, this.signal);
    return { ...drift, findings: drift.findings.filter(({ code }) => !ignore.includes(code)) };
  }

  /** What is to be compared; each answers when it is asked, so that one that cannot does not keep the others from it. */
  private async comparisons(
    configured: ConfiguredPlugins,
    code: string | undefined,
    flags: CheckFlags,
  ): Promise<{ exchange: string | null; compare: () => Promise<ComparedTable | undefined> }[]> {
    if (code !== undefined && flags.table !== undefined)
      return [{ exchange: null, compare: () => this.named(configured, code, flags) }];
    const { comparedTable, knownOrders } = await import('@qianzhi/agent');
    const { loaded } = configured;
    const about = loaded.config.exchanges.filter(
      (exchange) =>
        code === undefined || ('supply' in exchange ? exchange.supply : exchange.consume) === code,
    );
    if (about.length === 0) return [];
    const { assignments } = await knownOrders(loaded, this.signal);
    return about.map((exchange) => ({
      exchange: exchange.name,
      compare: async () => comparedTable(exchange, assignments),
    }));
  }

  /** The table the flags name, with the mapping of the exchange that reads it, if there is one. */
  private async named(
    { loaded }: ConfiguredPlugins,
    code: string,
    flags: CheckFlags,
  ): Promise<ComparedTable> {
    const { placeOf } = await import('@qianzhi/agent');
    const connector = flags.connector!;
    const table = flags.table!;
    const resource = await this.resource(loaded, code, flags);
    const exchange = loaded.config.exchanges.find(
      (each) =>
        'supply' in each &&
        each.supply === code &&
        each.connector === connector &&
        placeOf(each).table === table,
    );
    const { mapping, constant } = exchange ? placeOf(exchange) : { mapping: {}, constant: [] };
    const told = Object.fromEntries(
      (flags.map ?? []).map((map) => [map.slice(0, map.indexOf('=')), map.slice(map.indexOf('=') + 1)]),
    );
    return { resource, connector, table, side: 'source', mapping: { ...mapping, ...told }, constant };
  }

  private async resource(
    loaded: ConfiguredPlugins['loaded'],
    code: string,
    { file, profile }: CheckFlags,
  ): Promise<CatalogResource> {
    if (file !== undefined) return requireInFile(await readCatalogFile(file), code, file);
    const { knownOrders, orderedResource, readIdentity } = await import('@qianzhi/agent');
    if (await readIdentity(loaded.stateDir)) {
      const { assignments } = await knownOrders(loaded, this.signal);
      const ordered =
        orderedResource({ supply: code }, assignments) ?? orderedResource({ consume: code }, assignments);
      if (ordered) return ordered;
    }
    const entry = await asPerson(profile, (client) =>
      client.call(personRoutes.showCatalog, { params: { code }, query: {} }, this.signal),
    );
    return entry.resource;
  }

  private show({
    exchange,
    resource,
    connector,
    table,
    findings,
  }: TableDrift & { exchange: string | null }): void {
    const place = `${exchange ? `${exchange}  ` : ''}${resource.code} v${resource.schemaVersion}  ${connector} ${table}`;
    if (findings.length === 0) {
      this.log(this.say(`✓ ${place}  无偏差`, `✓ ${place}  no drift`));
      return;
    }
    this.log(`✗ ${place}`);
    for (const { level, code, texts } of findings)
      this.log(`  ${level === 'error' ? '✗' : '!'} ${code.padEnd(8)} ${texts[currentLanguage()]}`);
  }
}

function checkedJson({
  exchange,
  resource,
  connector,
  table,
  side,
  findings,
}: TableDrift & { exchange: string | null }) {
  const { code, schemaVersion } = resource;
  return { exchange, resource: code, schemaVersion, connector, table, side, findings };
}

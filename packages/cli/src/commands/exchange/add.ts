import type { ColumnMatch, MatchedBy, TriedExchange } from '@qianzhi/agent';
import { Flags } from '#oclif';
import { AgentCommand, type Taken } from '../../agent-command.js';
import { canAsk } from '../../ask.js';
import { noteLines } from '../../check-report.js';
import { cliErrors } from '../../errors.js';
import { previewColumns } from '../../preview-columns.js';
import type { ExchangeFlags } from '../../setup/settle-exchange.js';
import { type ConfiguredPlugins, withConfig, withConnector } from '../../with-connector.js';

const strategies = ['snapshot', 'watermark', 'flag', 'change-table', 'diff', 'log'] as const;
const PREVIEW_ROWS = 5;

interface AddFlags extends ExchangeFlags {
  readonly config: string;
  readonly 'no-check': boolean;
  readonly yes: boolean;
}

export default class ExchangeAdd extends AgentCommand {
  static override summary =
    '新增交换作业:建议、试读、写入配置 / add an exchange: propose, try, write it into the config';
  static override description = [
    '资源取自平台下达给本前置机的任务与授权;列按名称与注释对应,策略与时间表给出建议和理由。试读成功后才写入,配置的注释与次序不变。',
    '没有终端或加 --yes 时采用建议,不提问。',
    'Resources are those the platform ordered or granted this agent; columns are matched by name and comment, strategy and schedule are proposed with the reason. It is written only once the source was read, or the target tried; comments and order of the config stay.',
    'Without a terminal, or with --yes, the proposals are taken and nothing is asked.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> exchange add',
    '<%= config.bin %> exchange add --supply social_group --connector civil --table t_group --yes',
    '<%= config.bin %> exchange add --consume national_tax --connector received --create --cron "*/10 * * * *"',
    '<%= config.bin %> exchange add --supply social_group --table t_group --map name=group_name --strategy watermark --watermark updated_at',
    '<%= config.bin %> exchange add --supply social_group --table t_group --strategy change-table',
    '<%= config.bin %> exchange add --supply social_group --table t_group --flag-column picked_up --pending 0 --done 1',
    '<%= config.bin %> exchange add --supply social_group --table t_group --strategy log --continuous',
  ];
  static override flags = {
    supply: Flags.string({
      summary: '供给的资源代码 / code of a resource to supply',
      exclusive: ['consume'],
    }),
    consume: Flags.string({ summary: '取用的资源代码 / code of a resource to consume' }),
    agreement: Flags.string({
      summary: '授权编号,有多份授权时需要 / id of the agreement, where there are several',
      dependsOn: ['consume'],
    }),
    name: Flags.string({ summary: '作业名称 / name of the exchange' }),
    connector: Flags.string({
      summary: '连接器;只有一个时不用写 / connector; not needed where there is one',
    }),
    table: Flags.string({ summary: '表,可写 模式.表 / table, or SCHEMA.TABLE' }),
    map: Flags.string({
      multiple: true,
      summary: '列对应:信息项列名=表列名,可多次 / ITEM=COLUMN, repeatable',
    }),
    create: Flags.boolean({ summary: '目标表不存在时按目录建立 / make the target table from the catalog' }),
    strategy: Flags.option({
      options: strategies,
      summary: '读取策略 / read strategy',
      exclusive: ['consume'],
    })(),
    watermark: Flags.string({
      summary: '策略 watermark 的更新时间列 / change-time column of strategy watermark',
    }),
    'flag-column': Flags.string({
      summary: '策略 flag 的标志列:业务系统写入待取值,取走后置为完成 / pick-up column of strategy flag',
      exclusive: ['consume'],
    }),
    pending: Flags.string({
      summary: '标志列中表示待取的值,默认 0 / its value for rows to be picked up, 0 by default',
      dependsOn: ['flag-column'],
    }),
    done: Flags.string({
      summary: '收到回执后置为的值,默认 1 / its value once there is a receipt, 1 by default',
      dependsOn: ['flag-column'],
    }),
    cron: Flags.string({ summary: '时间表,空为只手工执行 / schedule; empty: by hand only' }),
    continuous: Flags.boolean({
      exclusive: ['cron'],
      summary:
        '持续运行,不用时间表:改动随到随发、随到随写 / keep running, without a schedule: changes go out, and in, as they come',
    }),
    set: Flags.string({
      multiple: true,
      summary: 'source 或 target 的其他项:键=值 / further field of source or target: KEY=VALUE',
    }),
    'no-check': Flags.boolean({ summary: '不试读、不试写,直接写入 / write it without trying it' }),
    yes: Flags.boolean({ summary: '采用建议,不提问 / take the proposals, ask nothing' }),
  };

  async run() {
    const { flags } = await this.parse(ExchangeAdd);
    const { strategy = 'flag' } = flags;
    if (flags['flag-column'] !== undefined && strategy !== 'flag')
      throw cliErrors.FLAG_WRONG({ flag: '--strategy', value: strategy, shape: 'flag (--flag-column)' });
    const work = (configured: ConfiguredPlugins) => this.add(configured, flags);
    return flags.connector === undefined
      ? withConfig(flags.config, work)
      : withConnector(flags.config, flags.connector, work);
  }

  private async add(configured: ConfiguredPlugins, flags: AddFlags) {
    const { knownOrders, planExchange, tryExchange, writeChange } = await import('@qianzhi/agent');
    const { settleExchange } = await import('../../setup/settle-exchange.js');
    const orders = await knownOrders(configured.loaded, this.signal);
    const wanted = await settleExchange({
      configured,
      orders,
      flags,
      asks: canAsk() && !flags.yes,
      show: (matches) => this.showMatches(matches),
      tell: (zh, en) => this.logToStderr(this.say(zh, en)),
      signal: this.signal,
    });
    const change = await planExchange(configured.loaded, configured.plugins, wanted, configured.context);
    const tried = flags['no-check']
      ? undefined
      : await tryExchange(change, wanted, PREVIEW_ROWS, this.signal);
    if (tried) this.showTried(tried);
    await writeChange(change);
    this.log(
      this.say(
        `✓ 已写入 ${change.file}:作业 ${wanted.name}`,
        `✓ wrote exchange ${wanted.name} into ${change.file}`,
      ),
    );
    const taken = await this.takeConfig(flags.config);
    if (taken !== 'refused') this.logToStderr(this.next(wanted.name, taken));
    return {
      exchange: wanted.name,
      file: change.file,
      block: change.block,
      preview: tried?.preview ?? null,
      agent: taken,
    };
  }

  private showMatches(matches: readonly ColumnMatch[]): void {
    const ways: Readonly<Record<MatchedBy, string>> = {
      told: this.say('指定', 'told'),
      name: this.say('同名', 'same name'),
      similar: this.say('名称相近', 'similar name'),
      comment: this.say('注释', 'comment'),
    };
    this.table(matches, [
      { name: this.say('信息项', 'item'), value: ({ item }) => item.name },
      { name: this.say('目录列', 'item column'), value: ({ item }) => item.column },
      { name: this.say('表列', 'table column'), value: ({ column }) => column?.name },
      { name: this.say('库类型', 'native type'), value: ({ column }) => column?.nativeType },
      { name: this.say('依据', 'by'), value: ({ by }) => by && ways[by] },
    ]);
  }

  private showTried({ preview, notes }: TriedExchange): void {
    if (preview) {
      this.log(this.say('来源的前几行,敏感项已遮盖:', 'the first rows, sensitive values hidden:'));
      this.table(preview.rows, previewColumns(preview));
    }
    for (const line of noteLines(notes)) this.logToStderr(line);
  }

  private next(name: string, taken: Taken): string {
    return taken === 'taken'
      ? this.say(
          `运行中的前置机已采用;立即执行一次:qianzhi job run ${name} --wait`,
          `the running agent has taken it; to run it now: qianzhi job run ${name} --wait`,
        )
      : this.say(
          `下一步:qianzhi doctor,qianzhi agent start;再 qianzhi job run ${name} --wait`,
          `next: qianzhi doctor, qianzhi agent start; then qianzhi job run ${name} --wait`,
        );
  }
}

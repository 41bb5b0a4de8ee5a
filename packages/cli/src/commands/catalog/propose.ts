import type { ResourceDraft, TableDescription, TableSample } from '@qianzhi/agent';
import { type CatalogResource, currentLanguage, isQianzhiError, type QianzhiError } from '@qianzhi/model';
import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';
import { failureJson } from '../../failure.js';
import { writeNewFile } from '../../output.js';
import { type Column, tableLines } from '../../table.js';
import { type ConfiguredPlugins, withConnector } from '../../with-connector.js';

const sharings = ['unconditional', 'conditional', 'none'] as const;
const cycles = [
  'realtime',
  'daily',
  'weekly',
  'monthly',
  'quarterly',
  'half-yearly',
  'yearly',
  'irregular',
] as const satisfies readonly CatalogResource['updateCycle'][];

type Item = ResourceDraft['items'][number];

export default class CatalogPropose extends AgentCommand {
  static override summary = '由实际的表起草目录条目 / draft a catalog entry from a real table';
  static override description = [
    '名称取自列注释,类型、长度、主键取自表;标识与敏感项由名称和抽样推断,取值很少的列起草代码表。依据与待填写处写在 YAML 注释中。',
    '抽样只计数;除代码表的代码外,不显示任何值。',
    'Names come from comments, types, lengths and keys from the table; identifiers and sensitive items are guessed from names and a sample, code tables drafted where values are few. Reasons and what to fill in stand in comments of the YAML.',
    'The sample is only counted; no value is shown but codes of a code table.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> catalog propose --connector civil --table t_group',
    '<%= config.bin %> catalog propose --connector civil --table t_group --sample 10000 --out group.yaml',
    '<%= config.bin %> catalog propose --connector civil --table area --sharing unconditional --cycle yearly --out area.yaml',
  ];
  static override flags = {
    connector: Flags.string({ required: true, summary: '连接器 / connector' }),
    table: Flags.string({ required: true, summary: '表,可写 模式.表 / table, or SCHEMA.TABLE' }),
    sample: Flags.integer({
      default: 1000,
      min: 0,
      max: 1_000_000,
      summary: '抽样行数,0 为不读数据 / rows to sample, 0 reads none',
    }),
    out: Flags.string({ summary: '写入新文件,不显示 / write to a new file instead of showing it' }),
    code: Flags.string({ summary: '资源代码 / resource code' }),
    name: Flags.string({ summary: '资源名称 / name of the resource' }),
    department: Flags.string({
      summary: '提供部门,默认取本机登记的部门 / department; the one enrolled here unless given',
    }),
    sharing: Flags.option({ options: sharings, summary: '共享类型 / sharing type' })(),
    condition: Flags.string({ summary: '共享条件 / sharing condition' }),
    cycle: Flags.option({ options: cycles, summary: '更新周期 / update cycle' })(),
  };

  async run() {
    const { flags } = await this.parse(CatalogPropose);
    return withConnector(flags.config, flags.connector, async (configured) => {
      const { agentErrors, draftResource, draftYaml, findTable, readIdentity } = await import(
        '@qianzhi/agent'
      );
      const { loaded, plugins } = configured;
      const { connector } = flags;
      const table = await findTable(loaded, plugins, connector, flags.table, this.signal);
      if (!table) throw agentErrors.TABLE_UNKNOWN({ connector, table: flags.table });
      const { sample, problem } = await this.sample(configured, connector, table, flags.sample);
      const department = flags.department ?? (await readIdentity(loaded.stateDir))?.department;
      const draft = draftResource(table, sample?.profiles ?? new Map(), { ...flags, department });
      const yaml = draftYaml(draft, currentLanguage());
      if (sample) this.showProfile(draft.items, sample);
      if (flags.out) await writeNewFile(flags.out, yaml, 0o644);
      else this.log(yaml.trimEnd());
      this.tellNext(draft, flags.out);
      const { resource, findings } = draft;
      return {
        resource,
        findings,
        file: flags.out ?? null,
        profile: sample ? profileJson(draft.items, sample) : null,
        unsampled: problem ? failureJson(problem).error : null,
      };
    });
  }

  /** A table that cannot be read in an order is drafted from its structure alone. */
  private async sample(
    { loaded, plugins }: ConfiguredPlugins,
    connector: string,
    table: TableDescription,
    rows: number,
  ): Promise<{ readonly sample?: TableSample; readonly problem?: QianzhiError }> {
    if (rows === 0) return {};
    const { sampleTable } = await import('@qianzhi/agent');
    try {
      return { sample: await sampleTable(loaded, plugins, connector, table, rows, this.signal) };
    } catch (error) {
      if (!isQianzhiError(error) || error.kind !== 'config') throw error;
      this.logToStderr(
        this.say(
          `! 未能抽样,只按表结构起草:${error.message}`,
          `! no sample, drafted from the structure alone: ${error.message}`,
        ),
      );
      return { problem: error };
    }
  }

  private showProfile(items: readonly Item[], { rows, rejected, profiles }: TableSample): void {
    this.logToStderr(
      this.say(
        `抽样 ${rows} 行,读不出 ${rejected} 行:`,
        `${counted(rows, 'row')} sampled, ${rejected} that could not be read:`,
      ),
    );
    const of = ({ column }: Item) => profiles.get(column.name)!;
    const columns: Column<Item>[] = [
      { name: this.say('列', 'column'), value: ({ column }) => column.name },
      { name: this.say('空', 'nulls'), value: (item) => of(item).nulls },
      {
        name: this.say('长度', 'length'),
        value: (item) => {
          const { minLength, maxLength } = of(item);
          return minLength === null
            ? undefined
            : minLength === maxLength
              ? `${minLength}`
              : `${minLength}–${maxLength}`;
        },
      },
      {
        name: this.say('不同值', 'distinct'),
        value: (item) => `${of(item).distinctAtLeast ? '>' : ''}${of(item).distinct}`,
      },
      {
        name: this.say('标识', 'identifier'),
        value: ({ judgement }) => judgement.scheme,
      },
      {
        name: this.say('校验不过', 'invalid'),
        value: ({ judgement }) => (judgement.scheme ? judgement.invalid : undefined),
      },
    ];
    for (const line of tableLines(items, columns, process.stderr.columns || undefined))
      this.logToStderr(line);
  }

  private tellNext({ findings }: ResourceDraft, file: string | undefined): void {
    const open = findings.filter(({ level }) => level === 'error').length;
    if (open > 0)
      this.logToStderr(
        this.say(
          `! 发布前须填写或改正 ${open} 处,见文件开头`,
          `! to fill in or correct before it can be published: ${open}, see its head`,
        ),
      );
    if (!file) return;
    this.log(this.say(`✓ 草稿已写入 ${file}`, `✓ the draft is in ${file}`));
    this.logToStderr(
      this.say(
        '下一步,由目录编辑员核对后:qianzhi catalog publish 文件',
        'next, once the catalog editor has checked it: qianzhi catalog publish FILE',
      ),
    );
  }
}

/** Counts for a program; of values only the codes, which the draft shows too. */
function profileJson(items: readonly Item[], { rows, rejected, profiles }: TableSample) {
  const columns = items.map(({ column, judgement }) => {
    const { codes: _, ...counts } = profiles.get(column.name)!;
    return { column: column.name, ...counts, scheme: judgement.scheme ?? null, invalid: judgement.invalid };
  });
  return { rows, rejected, columns };
}

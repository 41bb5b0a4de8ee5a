import type { TableDescription } from '@qianzhi/agent';
import { Args, Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { failureJson, failureOf } from '../../failure.js';
import { connectorNames, withConnector } from '../../with-connector.js';
import { word } from '../../words.js';

type DiscoverFilter = { readonly schema?: string; readonly table?: string };

/** A table and where it is. */
interface Found extends TableDescription {
  readonly connector: string;
}

export default class ConnectorDiscover extends AgentCommand {
  static override summary = '列出表,或一张表的列 / list tables, or the columns of one';
  static override description =
    '不给名称则列出配置中全部连接器的表。\nWithout a name: the tables of every connector in the config.';
  static override examples = [
    '<%= config.bin %> connector discover',
    '<%= config.bin %> connector discover civil',
    '<%= config.bin %> connector discover civil --table village',
  ];
  static override args = {
    connector: Args.string({ description: '配置中的连接器名称 / name of a connector in the config' }),
  };
  static override flags = {
    schema: Flags.string({ summary: '模式 / schema' }),
    table: Flags.string({ summary: '只看该表及其列 / this table with its columns' }),
  };

  async run() {
    const { args, flags } = await this.parse(ConnectorDiscover);
    const { config, ...filter } = flags;
    const answer =
      args.connector === undefined
        ? await this.tablesOfAll(config, filter)
        : { tables: await this.tablesOf(config, args.connector, filter) };
    if (filter.table) this.showColumns(answer.tables);
    else this.showTables(answer.tables);
    return answer;
  }

  /** One that cannot be asked is told of, and the others are listed. */
  private async tablesOfAll(config: string, filter: DiscoverFilter) {
    const tables: Found[] = [];
    const failed: unknown[] = [];
    for (const connector of await connectorNames(config)) {
      try {
        tables.push(...(await this.ask(config, connector, filter)));
      } catch (error) {
        this.reportFailure(error);
        failed.push({ connector, ...failureJson(failureOf(error, this.words)) });
      }
    }
    return { tables, failed };
  }

  private async tablesOf(config: string, connector: string, filter: DiscoverFilter): Promise<Found[]> {
    const tables = await this.ask(config, connector, filter);
    if (!filter.table || tables.length > 0) return tables;
    const { agentErrors } = await import('@qianzhi/agent');
    throw agentErrors.TABLE_UNKNOWN({ connector, table: filter.table });
  }

  private ask(config: string, connector: string, { schema, table }: DiscoverFilter): Promise<Found[]> {
    return withConnector(config, connector, async ({ plugins }) => {
      await using connection = await plugins.open(connector, this.signal);
      const filter = { ...(schema && { schema }), ...(table && { table }) };
      const tables = await connection.discover(filter, this.signal);
      return tables.map((one) => ({ connector, ...one }));
    });
  }

  private showTables(tables: readonly Found[]): void {
    this.table(tables, [
      { name: this.say('连接器', 'connector'), value: (row) => row.connector },
      { name: this.say('表', 'table'), value: tableName },
      { name: this.say('类别', 'kind'), value: (row) => word(row.kind) },
      { name: this.say('行数', 'rows'), value: (row) => row.rows },
      { name: this.say('列数', 'columns'), value: (row) => row.columns.length },
      { name: this.say('主键', 'key'), value: (row) => row.primaryKey.join(', ') || undefined },
      { name: this.say('说明', 'comment'), value: (row) => row.comment },
    ]);
  }

  private showColumns(tables: readonly Found[]): void {
    const columns = tables.flatMap((table) =>
      table.columns.map((column) => ({ ...column, table, key: table.primaryKey.includes(column.name) })),
    );
    this.table(columns, [
      { name: this.say('连接器', 'connector'), value: ({ table }) => table.connector },
      { name: this.say('表', 'table'), value: ({ table }) => tableName(table) },
      { name: this.say('列', 'column'), value: (row) => row.name },
      { name: this.say('库类型', 'native type'), value: (row) => row.nativeType },
      { name: this.say('目录类型', 'catalog type'), value: (row) => row.type },
      { name: this.say('主键', 'key'), value: (row) => (row.key ? '✓' : '') },
      { name: this.say('可空', 'nullable'), value: (row) => (row.nullable ? '✓' : '') },
      { name: this.say('说明', 'comment'), value: (row) => row.comment },
    ]);
  }
}

function tableName({ schema, table }: TableDescription): string {
  return [schema, table].filter(Boolean).join('.');
}

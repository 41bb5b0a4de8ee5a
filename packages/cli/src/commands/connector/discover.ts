import { Args, Flags } from '@oclif/core';
import type { TableDescription } from '@qianzhi/agent';
import { AgentCommand } from '../../agent-command.js';
import { withConnector } from '../../with-connector.js';
import { word } from '../../words.js';

export default class ConnectorDiscover extends AgentCommand {
  static override summary = '列出表,或一张表的列 / list tables, or the columns of one';
  static override examples = [
    '<%= config.bin %> connector discover civil',
    '<%= config.bin %> connector discover civil --table village',
  ];
  static override args = {
    connector: Args.string({
      required: true,
      description: '配置中的连接器名称 / name of a connector in the config',
    }),
  };
  static override flags = {
    schema: Flags.string({ summary: '模式 / schema' }),
    table: Flags.string({ summary: '只看该表及其列 / this table with its columns' }),
  };

  async run() {
    const { args, flags } = await this.parse(ConnectorDiscover);
    return withConnector(flags.config, args.connector, async ({ plugins }) => {
      await using connection = await plugins.open(args.connector, this.signal);
      const filter = {
        ...(flags.schema && { schema: flags.schema }),
        ...(flags.table && { table: flags.table }),
      };
      const tables = await connection.discover(filter, this.signal);
      if (flags.table && tables.length === 0) {
        const { agentErrors } = await import('@qianzhi/agent');
        throw agentErrors.TABLE_UNKNOWN({ connector: args.connector, table: flags.table });
      }
      if (flags.table) this.showColumns(tables);
      else this.showTables(tables);
      return { tables };
    });
  }

  private showTables(tables: readonly TableDescription[]): void {
    this.table(tables, [
      { name: this.say('表', 'table'), value: (row) => [row.schema, row.table].filter(Boolean).join('.') },
      { name: this.say('类别', 'kind'), value: (row) => word(row.kind) },
      { name: this.say('行数', 'rows'), value: (row) => row.rows },
      { name: this.say('列数', 'columns'), value: (row) => row.columns.length },
      { name: this.say('主键', 'key'), value: (row) => row.primaryKey.join(', ') || undefined },
      { name: this.say('说明', 'comment'), value: (row) => row.comment },
    ]);
  }

  private showColumns(tables: readonly TableDescription[]): void {
    const columns = tables.flatMap((table) =>
      table.columns.map((column) => ({ ...column, key: table.primaryKey.includes(column.name) })),
    );
    this.table(columns, [
      { name: this.say('列', 'column'), value: (row) => row.name },
      { name: this.say('库类型', 'native type'), value: (row) => row.nativeType },
      { name: this.say('目录类型', 'catalog type'), value: (row) => row.type },
      { name: this.say('主键', 'key'), value: (row) => (row.key ? '✓' : '') },
      { name: this.say('可空', 'nullable'), value: (row) => (row.nullable ? '✓' : '') },
      { name: this.say('说明', 'comment'), value: (row) => row.comment },
    ]);
  }
}

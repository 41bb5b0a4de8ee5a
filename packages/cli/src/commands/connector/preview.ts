import { Args, Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';
import { cliErrors } from '../../errors.js';
import { previewColumns } from '../../preview-columns.js';
import { withConnector, withExchange } from '../../with-connector.js';

export default class ConnectorPreview extends AgentCommand {
  static override summary = '预览来源的前几行 / show the first rows of a source';
  static override description =
    '个人与敏感信息项的值显示为 ***;直接看表时没有目录可依,全部遮盖。--reveal 显示原值。\nValues of personal and sensitive items show as ***; a bare table has no catalog to say which are, so all are hidden. --reveal shows them.';
  static override examples = [
    '<%= config.bin %> connector preview --exchange supply-village --limit 5',
    '<%= config.bin %> connector preview civil --table village --reveal',
  ];
  static override args = {
    connector: Args.string({ description: '连接器名称,与 --table 连用 / name of a connector, with --table' }),
  };
  static override flags = {
    table: Flags.string({ summary: '表 / table' }),
    exchange: Flags.string({
      summary: '供给作业:按其来源与目录读取 / an exchange that supplies',
      exclusive: ['table'],
    }),
    limit: Flags.integer({ default: 10, min: 1, max: 1000, summary: '行数 / rows' }),
    reveal: Flags.boolean({ summary: '显示敏感项原值 / show sensitive values' }),
  };

  async run() {
    const { args, flags } = await this.parse(ConnectorPreview);
    const { maskedPreview } = await import('@qianzhi/agent');
    const full = await this.read(flags.config, args.connector, flags);
    const preview = flags.reveal ? full : maskedPreview(full);
    this.table(preview.rows, previewColumns(preview));
    if (preview.rejected > 0)
      this.logToStderr(
        this.say(
          `其中 ${preview.rejected} 行来源无法读出`,
          `${counted(preview.rejected, 'row')} could not be read`,
        ),
      );
    if (!flags.reveal && preview.columns.some(({ sensitive }) => sensitive))
      this.logToStderr(
        this.say('敏感项已遮盖;--reveal 显示原值', 'sensitive values are hidden; --reveal shows them'),
      );
    return preview;
  }

  private async read(
    config: string,
    connector: string | undefined,
    flags: { readonly table?: string; readonly exchange?: string; readonly limit: number },
  ) {
    const { previewExchange, previewTable } = await import('@qianzhi/agent');
    const { table, exchange, limit } = flags;
    if (exchange !== undefined) {
      return withExchange(config, exchange, ({ loaded, plugins }) =>
        previewExchange(loaded, plugins, exchange, limit, this.signal),
      );
    }
    if (connector === undefined || table === undefined)
      throw cliErrors.ARGUMENT_MISSING({
        argument: 'CONNECTOR --table TABLE | --exchange EXCHANGE',
        command: this.words,
      });
    return withConnector(config, connector, ({ plugins }) =>
      previewTable(plugins, connector, table, limit, this.signal),
    );
  }
}

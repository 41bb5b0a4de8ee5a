import { Args } from '@oclif/core';
import { AgentCommand } from '../../agent-command.js';
import { reportJson, reportLines } from '../../check-report.js';
import { withConnector } from '../../with-connector.js';

export default class ConnectorCheck extends AgentCommand {
  static override summary = '检查连接器:地址、登录、权限 / check a connector: address, login, permissions';
  static override examples = [
    '<%= config.bin %> connector check civil',
    '<%= config.bin %> connector check civil --json',
  ];
  static override args = {
    connector: Args.string({
      required: true,
      description: '配置中的连接器名称 / name of a connector in the config',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(ConnectorCheck);
    return withConnector(flags.config, args.connector, async ({ loaded, plugins }) => {
      const { notesFor } = await import('@qianzhi/agent');
      await using connection = await plugins.open(args.connector, this.signal);
      const report = await connection.check(this.signal);
      const found = notesFor(loaded, args.connector, report);
      for (const line of reportLines(args.connector, report, found)) this.log(line);
      return reportJson(report, found);
    });
  }
}

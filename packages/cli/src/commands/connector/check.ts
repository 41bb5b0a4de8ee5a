import type { AgentPlugins, LoadedConfig } from '@qianzhi/agent';
import { Args } from '#oclif';
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
      const { logFollowers, notesFor } = await import('@qianzhi/agent');
      await using connection = await plugins.open(args.connector, this.signal);
      const report = await connection.check(this.signal, await logFollowers(loaded, args.connector));
      const found = notesFor(loaded, args.connector, report);
      for (const line of reportLines(args.connector, report, found)) this.log(line);
      const queries = await this.questions(loaded, plugins, args.connector);
      return { ...reportJson(report, found), ...(queries.length > 0 && { queries }) };
    });
  }

  /** Has the database prepare the questions that this connector is to answer, as far as their resources are known here. */
  private async questions(loaded: LoadedConfig, plugins: AgentPlugins, connector: string) {
    const own = loaded.config.queries.filter((local) => local.connector === connector);
    if (own.length === 0) return [];
    const { checkQueries, knownOrders } = await import('@qianzhi/agent');
    const { assignments } = await knownOrders(loaded, this.signal);
    const config = { ...loaded.config, queries: own };
    const known = { working: new Set([connector]), isWrong: () => false };
    const found: { check: string; level: string; code?: string }[] = [];
    for await (const { check, level, zh, en, error } of checkQueries(
      { ...loaded, config },
      plugins,
      assignments,
      known,
      this.signal,
    )) {
      this.log(`${level === 'ok' ? '✓' : '✗'} ${check}  ${this.say(zh, en)}`);
      if (error) this.reportFailure(error);
      found.push({ check, level, ...(error && { code: error.code }) });
    }
    return found;
  }
}

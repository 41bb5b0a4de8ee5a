import { Args, Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { confirmed } from '../../ask.js';
import { withConfig } from '../../with-connector.js';

export default class ConnectorRemove extends AgentCommand {
  static override summary = '删除连接器:从配置中删去 / remove a connector: take it out of the config';
  static override description = [
    '有作业或查询用到它时不删除。它的密钥文件保留在原处。没有终端时须加 --yes。',
    'It is not removed while exchanges or queries need it. Its secret file stays where it is. Without a terminal it takes --yes.',
  ].join('\n');
  static override examples = ['<%= config.bin %> connector remove civil'];
  static override args = {
    connector: Args.string({ required: true, description: '连接器名称 / name of the connector' }),
  };
  static override flags = { yes: Flags.boolean({ summary: '不提问 / ask nothing' }) };

  async run() {
    const { args, flags } = await this.parse(ConnectorRemove);
    const { planConnectorRemoval, writeChange } = await import('@qianzhi/agent');
    const change = await withConfig(flags.config, ({ context }) =>
      planConnectorRemoval(flags.config, args.connector, context),
    );
    const question = this.say(`删除连接器 ${args.connector}?`, `remove connector ${args.connector}?`);
    await confirmed(question, flags.yes, this.words);
    await writeChange(change);
    this.log(
      this.say(
        `✓ 已从 ${change.file} 删去连接器 ${args.connector}`,
        `✓ took connector ${args.connector} out of ${change.file}`,
      ),
    );
    return { connector: args.connector, file: change.file, agent: await this.takeConfig(flags.config) };
  }
}

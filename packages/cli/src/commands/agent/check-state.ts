import { AgentCommand } from '../../agent-command.js';
import { stateText } from '../../state-text.js';

export default class AgentCheckState extends AgentCommand {
  static override summary = '本版本能否使用现有状态 / whether this version can use the state';
  static override description =
    '只查看,不改动;更换版本之前由安装程序执行。\nOnly looks; the installer runs it before it changes versions.';
  static override examples = ['<%= config.bin %> agent check-state --config /etc/qianzhi/agent.yaml'];

  async run() {
    const { flags } = await this.parse(AgentCheckState);
    const { inspectAgentState, readPlace } = await import('@qianzhi/agent');
    const { stateDir } = await readPlace(flags.config);
    const structure = inspectAgentState(stateDir);
    this.log(stateText(structure, (zh, en) => this.say(zh, en)));
    return { stateDir, ...structure };
  }
}

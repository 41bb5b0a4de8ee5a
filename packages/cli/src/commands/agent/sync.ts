import { AgentCommand } from '../../agent-command.js';
import { showStatus } from '../../status-text.js';

export default class AgentSync extends AgentCommand {
  static override summary = '立即取任务与授权租约 / fetch assignments and lease now';
  static override examples = ['<%= config.bin %> agent sync'];

  async run() {
    const { flags } = await this.parse(AgentSync);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const status = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.sync, {}, this.signal),
    );
    showStatus(status, (line) => this.log(line));
    return status;
  }
}

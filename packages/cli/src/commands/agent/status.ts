import { AgentCommand } from '../../agent-command.js';
import { dueText } from '../../due-text.js';
import { haltText } from '../../job-text.js';
import { showStatus } from '../../status-text.js';
import { timeText, word } from '../../words.js';

export default class AgentStatusCommand extends AgentCommand {
  static override summary = '本机前置机的状态 / the agent running on this machine';
  static override examples = ['<%= config.bin %> agent status', '<%= config.bin %> agent status --json'];

  async run() {
    const { flags } = await this.parse(AgentStatusCommand);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const status = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.status, {}, this.signal),
    );
    showStatus(status, (line) => this.log(line));
    this.table(status.exchanges, [
      { name: this.say('交换', 'exchange'), value: (row) => row.exchange },
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('方向', 'direction'), value: (row) => word(row.direction) },
      { name: this.say('状态', 'state'), value: (row) => word(row.state) },
      { name: this.say('上次成功', 'last success'), value: (row) => timeText(row.lastSuccessAt) },
      {
        name: this.say('最新数据', 'newest data'),
        value: (row) => (row.hasData ? timeText(row.dataAt) : undefined),
      },
      { name: this.say('应更新', 'due'), value: (row) => dueText(row) },
      { name: this.say('隔离', 'quarantined'), value: (row) => row.quarantined },
      { name: this.say('问题', 'problem'), value: (row) => row.problem?.code },
    ]);
    for (const exchange of status.exchanges) {
      const halt = haltText(exchange);
      if (halt && !this.jsonEnabled()) this.log(halt);
    }
    return status;
  }
}

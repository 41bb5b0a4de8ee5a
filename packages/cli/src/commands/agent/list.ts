import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../../platform-command.js';
import { timeText, word } from '../../words.js';

export default class AgentList extends PlatformCommand {
  static override summary = '前置机列表 / agents';
  static override examples = ['<%= config.bin %> agent list'];

  async run() {
    const { flags } = await this.parse(AgentList);
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listAgents, {}, this.signal),
    );
    this.table(answer.agents, [
      { name: this.say('前置机', 'agent'), value: (row) => row.agent },
      { name: this.say('部门', 'department'), value: (row) => row.department },
      { name: this.say('状态', 'state'), value: (row) => word(row.state) },
      { name: this.say('最近联系', 'last seen'), value: (row) => timeText(row.lastSeenAt) },
      {
        name: this.say('作业', 'exchanges'),
        value: (row) =>
          row.exchanges.map((exchange) => `${exchange.exchange}:${word(exchange.state)}`).join(' '),
      },
    ]);
    return answer;
  }
}

import { Args } from '#oclif';
import { AgentCommand } from '../../agent-command.js';

export default class QuarantineRetry extends AgentCommand {
  static override summary =
    '按当前目录重新检查被拒绝的行,合格的送出 / check rejected rows again and send the valid ones';
  static override examples = ['<%= config.bin %> quarantine retry supply-village'];
  static override args = {
    exchange: Args.string({ required: true, description: '交换作业名称 / exchange' }),
  };

  async run() {
    const { args, flags } = await this.parse(QuarantineRetry);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const answer = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.retryQuarantine, { params: { exchange: args.exchange } }, this.signal),
    );
    const { sent, stillRejected, superseded } = answer;
    this.log(
      this.say(
        `送出 ${sent},仍被拒绝 ${stillRejected},已被更新的行取代 ${superseded}`,
        `sent ${sent}, still rejected ${stillRejected}, superseded by newer rows ${superseded}`,
      ),
    );
    return answer;
  }
}

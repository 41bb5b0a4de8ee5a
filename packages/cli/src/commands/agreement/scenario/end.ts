import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../../platform-command.js';

export default class AgreementScenarioEnd extends PlatformCommand {
  static override summary = '主管部门:终止应用场景 (R078) / end a scenario; what was granted by it stays';
  static override examples = ['<%= config.bin %> agreement scenario end shiming-banshui --reason 事项取消'];
  static override args = { id: Args.string({ required: true, description: '代号 / id' }) };
  static override flags = { reason: Flags.string({ required: true, summary: '理由 / reason' }) };

  async run() {
    const { args, flags } = await this.parse(AgreementScenarioEnd);
    const request = { params: { id: args.id }, body: { reason: flags.reason } };
    const scenario = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.endScenario, request, this.signal),
    );
    this.log(
      this.say(`已终止 ${scenario.id},已有授权不变`, `ended ${scenario.id}; what was granted by it stays`),
    );
    return scenario;
  }
}

import { personRoutes } from '@qianzhi/model';
import { PackageCommand } from '../../package-command.js';
import { asPerson } from '../../platform-command.js';

export default class PackageStatusCommand extends PackageCommand {
  static override summary =
    '摆渡包:发到第几号、未确认、缺号、被拒 / packages laid out, outstanding, missing and refused';
  static override examples = [
    '<%= config.bin %> package status',
    '<%= config.bin %> package status --platform --json',
  ];

  async run() {
    const { flags } = await this.parse(PackageStatusCommand);
    const agents = flags.platform
      ? (await asPerson(flags.profile, (client) => client.call(personRoutes.listPackages, {}, this.signal)))
          .agents
      : [await this.ofAgent(flags.config)];
    for (const each of agents) this.showStatus(each);
    return { agents };
  }

  private async ofAgent(config: string) {
    const { controlRoutes } = await import('@qianzhi/agent/control');
    return this.withAgent(config, (agent) => agent.call(controlRoutes.packages, {}, this.signal));
  }
}

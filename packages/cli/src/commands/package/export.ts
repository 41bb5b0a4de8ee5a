import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { cliErrors } from '../../errors.js';
import { PackageCommand } from '../../package-command.js';
import { asPerson } from '../../platform-command.js';

interface Wanted {
  readonly again?: number | undefined;
  readonly anew: boolean;
  readonly restart: boolean;
}

export default class PackageExport extends PackageCommand {
  static override summary = '立即生成摆渡包到发件夹 / lay what waits out as a package, now';
  static override description =
    '前置机与平台都会按 everySeconds 自动生成;本命令用于不等这一刻,或把遗失的一包再放出来。\nBoth sides do this by themselves every `everySeconds`; this is for not waiting, and for a package that got lost.';
  static override examples = [
    '<%= config.bin %> package export',
    '<%= config.bin %> package export --again 12',
    '<%= config.bin %> package export --platform --agent sw-agent',
  ];
  static override flags = {
    again: Flags.integer({ min: 1, summary: '再放出这一号 / this kept one once more' }),
    agent: Flags.string({ summary: '给哪个前置机,与 --platform 同用 / for which agent, with --platform' }),
    anew: Flags.boolean({
      summary: '重新放出该前置机未报告已应用的批次 / again all that the agent did not report as applied',
      dependsOn: ['platform'],
      exclusive: ['again'],
    }),
    restart: Flags.boolean({
      summary:
        '该前置机丢失或恢复过 packages 状态:双方从第 1 号重新开始 / the agent lost its folder of packages: both begin at 1 again',
      dependsOn: ['platform'],
      exclusive: ['again', 'anew'],
    }),
  };

  async run() {
    const { flags } = await this.parse(PackageExport);
    const files = flags.platform
      ? await this.atPlatform(flags.profile, flags.agent, flags)
      : await this.atAgent(flags.config, flags.again);
    if (files.length === 0) this.log(this.say('没有要发的内容', 'nothing waits to be sent'));
    for (const file of files) this.log(`✓ ${file}`);
    return { files };
  }

  private async atPlatform(profile: string, agent: string | undefined, wanted: Wanted) {
    if (agent === undefined) throw cliErrors.PACKAGE_AGENT_MISSING({});
    const { again, anew, restart } = wanted;
    const body = {
      agent,
      ...(again !== undefined && { again }),
      ...(anew && { anew }),
      ...(restart && { restart }),
    };
    const { sent } = await asPerson(profile, (client) =>
      client.call(personRoutes.runPackages, { body }, this.signal),
    );
    return sent;
  }

  private async atAgent(config: string, again?: number) {
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const body = again === undefined ? {} : { again };
    const answer = await this.withAgent(config, (agent) =>
      agent.call(controlRoutes.exportPackage, { body }, this.signal),
    );
    return answer.package ? [answer.package.file] : [];
  }
}

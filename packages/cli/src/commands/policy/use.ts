import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';

export default class PolicyUse extends PlatformCommand {
  static override summary =
    '改用政策配置,只及于此后开始的事项 / switch the profile in force, for matters that begin from now on';
  static override description =
    '配置由平台读取:随程序提供的,及 platform.yaml 中 policy.folder 文件夹里的。已开始的事项仍按原配置办结。\nThe platform reads it: those of the program, and of the folder policy.folder in platform.yaml. What has begun ends by the profile it began under.';
  static override examples = ['<%= config.bin %> policy use guangdong-2018 --reason 本省规定'];
  static override args = { name: Args.string({ required: true, description: '代号 / id of the profile' }) };
  static override flags = { reason: Flags.string({ required: true, summary: '原因 / reason' }) };

  async run() {
    const { args, flags } = await this.parse(PolicyUse);
    const body = { profile: args.name, reason: flags.reason };
    const policy = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.usePolicy, { body }, this.signal),
    );
    const { id, name } = policy.current;
    this.log(this.say(`现施行 ${id}(${name})`, `${id} (${name}) is in force`));
    return policy;
  }
}

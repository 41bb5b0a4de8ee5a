import { copyFile, rename } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { counted } from '../../counted.js';
import { cliErrors } from '../../errors.js';
import { PackageCommand } from '../../package-command.js';
import { asPerson } from '../../platform-command.js';

export default class PackageImport extends PackageCommand {
  static override summary = '导入摆渡包:一个文件,或收件夹里的全部 / take a package, or all in the in-folder';
  static override description =
    '整包核对之后才导入:签名、编号、有效期、每一项的摘要;有一处不符,什么都不导入。\nA package is proven whole before anything of it is taken: signature, number, validity, the digest of every entry.';
  static override examples = [
    '<%= config.bin %> package import /media/usb/qz-platform-sw-agent-00000012.qzp',
    '<%= config.bin %> package import',
    '<%= config.bin %> package import --platform --agent mz-agent qz-mz-agent-platform-00000003.qzp',
  ];
  static override args = { file: Args.string({ description: '摆渡包 / the package' }) };
  static override flags = {
    agent: Flags.string({ summary: '来自哪个前置机,与 --platform 同用 / of which agent, with --platform' }),
  };

  async run() {
    const { flags, args } = await this.parse(PackageImport);
    const taken = flags.platform
      ? await this.atPlatform(flags.profile, flags.agent, args.file)
      : await this.atAgent(flags.config, args.file);
    if (taken.length === 0) {
      this.log(
        this.say(
          '没有可导入的包;原因见 qianzhi package status',
          'there was none to take; `qianzhi package status` tells why',
        ),
      );
    }
    for (const { file, entries, bytes } of taken) {
      this.log(
        this.say(
          `✓ ${file}:${entries} 项,${bytes} 字节`,
          `✓ ${file}: ${counted(entries, 'entry', 'entries')}, ${counted(bytes, 'byte')}`,
        ),
      );
    }
    return { taken };
  }

  /** Into the platform's in-folder, which is on this machine, and from there as any other. */
  private async atPlatform(profile: string, agent: string | undefined, file: string | undefined) {
    if (agent === undefined) throw cliErrors.PACKAGE_AGENT_MISSING({});
    return asPerson(profile, async (client) => {
      if (file !== undefined) {
        const folders = await client.call(personRoutes.listPackages, {}, this.signal);
        const to = join(folders.in, basename(file));
        if (resolve(file) !== to) {
          await copyFile(file, `${to}.part`);
          await rename(`${to}.part`, to);
        }
      }
      return (await client.call(personRoutes.runPackages, { body: { agent } }, this.signal)).taken;
    });
  }

  private async atAgent(config: string, file: string | undefined) {
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const body = file === undefined ? {} : { file: resolve(file) };
    return (
      await this.withAgent(config, (agent) => agent.call(controlRoutes.importPackages, { body }, this.signal))
    ).taken;
  }
}

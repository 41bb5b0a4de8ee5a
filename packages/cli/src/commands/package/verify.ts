import { Args, Flags } from '#oclif';
import { counted } from '../../counted.js';
import { PackageCommand } from '../../package-command.js';
import { readKeyFile } from '../../receipts/read-receipts.js';

export default class PackageVerify extends PackageCommand {
  static override summary =
    '核对摆渡包:签名、完整、内容清单;不导入 / prove a package and list what is in it, taking nothing';
  static override examples = [
    '<%= config.bin %> package verify qz-platform-sw-agent-00000012.qzp',
    '<%= config.bin %> package verify --keys keys.json FILE --json',
  ];
  static override args = { file: Args.string({ description: '摆渡包 / the package', required: true }) };
  static override flags = {
    keys: Flags.string({
      summary:
        '密钥目录文件,离线用;缺省取自前置机的状态 / file with the key directory; the agent’s own unless told',
    }),
  };

  async run() {
    const { flags, args } = await this.parse(PackageVerify);
    const keys = flags.keys === undefined ? await this.ownKeys(flags.config) : await readKeyFile(flags.keys);
    const { openPackage } = await import('@qianzhi/carrier');
    await using opened = await openPackage(args.file, keys);
    const { from, to, number, createdAt, notAfter, entries } = opened.head;
    const counts = { batch: 0, delivery: 0, notes: 0 };
    for (const { kind } of entries) counts[kind]++;
    this.log(
      this.say(
        `✓ 完整,由 ${from} 签名,给 ${to},第 ${number} 号`,
        `✓ whole, signed by ${from}, for ${to}, number ${number}`,
      ),
    );
    this.log(
      this.say(`  生成于 ${createdAt},有效至 ${notAfter}`, `  made ${createdAt}, good until ${notAfter}`),
    );
    this.log(
      this.say(
        `  ${counts.batch} 批上送,${counts.delivery} 批下发,${opened.size} 字节`,
        `  ${counted(counts.batch, 'batch', 'batches')}, ${counted(counts.delivery, 'delivery', 'deliveries')}, ${opened.size} bytes`,
      ),
    );
    return { from, to, number, createdAt, notAfter, ...counts, bytes: opened.size, digest: opened.digest };
  }

  private async ownKeys(config: string) {
    const { controlRoutes } = await import('@qianzhi/agent/control');
    return (await this.withAgent(config, (agent) => agent.call(controlRoutes.keys, {}, this.signal))).keys;
  }
}

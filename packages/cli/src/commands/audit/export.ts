import { Flags } from '#oclif';
import { agentChain, type ChainExport, platformChain } from '../../audit/export-chain.js';
import { writeNewFile } from '../../output.js';
import { PlatformCommand } from '../../platform-command.js';

const agentLogs = ['queries', 'webhooks'] as const;

export default class AuditExport extends PlatformCommand {
  static override summary = '导出审计链,供离线核对 / write an audit chain out, for checking offline';
  static override description =
    '平台的审计由审计员导出;--agent 导出前置机的查询日志(--log webhooks:webhook 投递日志)与它留存的平台链头。核对平台的审计时,链头与密钥最好取自前置机:平台改不到那里。\nThe auditor exports the platform’s; with --agent it is the query log of a front-end machine, or with --log webhooks what its webhooks delivered, and the platform’s heads that it keeps. To check the platform, take heads and keys from an agent, out of the platform’s reach.';
  static override examples = [
    '<%= config.bin %> audit export --out audit.jsonl --heads-out heads.json --keys-out keys.json',
    '<%= config.bin %> audit export --agent agent.yaml --out queries.jsonl --heads-out kept.json',
    '<%= config.bin %> audit export --agent agent.yaml --log webhooks --out webhooks.jsonl',
  ];
  static override flags = {
    out: Flags.string({ required: true, summary: '写入新文件 / write the entries to this new file' }),
    'heads-out': Flags.string({ summary: '把链头写入新文件 / write the signed heads to this new file' }),
    'keys-out': Flags.string({ summary: '把密钥写入新文件 / write the keys to this new file' }),
    agent: Flags.string({
      helpValue: '<file>',
      summary: '前置机的配置文件 / config file of a front-end machine: its chain',
    }),
    log: Flags.option({
      options: agentLogs,
      dependsOn: ['agent'],
      summary:
        '前置机的哪条链:联机查询(默认)或 webhook 投递 / which chain of it: online queries (default) or webhook deliveries',
    })(),
  };

  async run() {
    const { flags } = await this.parse(AuditExport);
    const write = async ({ lines, heads, keys }: ChainExport) => {
      const [headFile, keyFile] = [flags['heads-out'], flags['keys-out']];
      if (headFile !== undefined) await writeNewFile(headFile, `${JSON.stringify({ heads })}\n`);
      if (keyFile !== undefined) await writeNewFile(keyFile, `${JSON.stringify({ keys })}\n`);
      await writeNewFile(flags.out, lines);
      return { file: flags.out, headFile, keyFile, heads: heads.length };
    };
    const written =
      flags.agent === undefined
        ? await this.withPlatform(flags.profile, async (client) =>
            write(await platformChain(client, this.signal)),
          )
        : await write(await agentChain(flags.agent, flags.log ?? 'queries'));
    this.log(this.say(`已写入 ${written.file}`, `wrote ${written.file}`));
    return written;
  }
}

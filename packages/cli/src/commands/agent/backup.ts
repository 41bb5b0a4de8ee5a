import { resolve } from 'node:path';
import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';
import { sizeText } from '../../job-text.js';

export default class AgentBackup extends AgentCommand {
  static override summary = '备份前置机的状态,不必停机 / back up the agent’s state, while it runs';
  static override description =
    '含身份私钥,请按密钥保管;配置文件与业务库不在其中。\nHolds the private key of the identity: keep it as such. The config file and the databases are not in it.';
  static override examples = ['<%= config.bin %> agent backup --to /backup/qianzhi-2026-11-24'];
  static override flags = {
    to: Flags.string({ required: true, summary: '新文件夹 / a new folder' }),
  };

  async run() {
    const { flags } = await this.parse(AgentBackup);
    const { readPlace, backupAgent } = await import('@qianzhi/agent');
    const { stateDir } = await readPlace(flags.config);
    const backup = await backupAgent(stateDir, resolve(flags.to), this.signal);
    this.log(
      this.say(
        `已备份 ${backup.files} 个文件(${sizeText(backup.bytes)})到 ${backup.folder}`,
        `${counted(backup.files, 'file')} (${sizeText(backup.bytes)}) backed up to ${backup.folder}`,
      ),
    );
    return backup;
  }
}

import { resolve } from 'node:path';
import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';

export default class AgentRestore extends AgentCommand {
  static override summary = '从备份还原前置机的状态 / restore the agent’s state from a backup';
  static override description =
    '先核对每个文件的摘要,再整体写入;状态文件夹须为空。\n还原后的数据流落后于平台时,以 qianzhi agent recover 开启新纪元。\n备份之后吊销的接口密钥须再次吊销,见 qianzhi api-key list;执行 agent recover 之前,请业务系统重新推送备份之后推送过的记录,否则消费方也会失去它们。\nEvery digest is verified first; the state folder must be empty. Where the platform is ahead of the restored state, `qianzhi agent recover` opens the next epoch. Keys of business systems that were revoked after the backup have to be revoked again, see `qianzhi api-key list`; what business systems pushed after it has to be pushed again before `agent recover`, or the consumers lose it, too.';
  static override examples = ['<%= config.bin %> agent restore --from /backup/qianzhi-2026-11-24'];
  static override flags = {
    from: Flags.string({ required: true, summary: '备份文件夹 / the backup’s folder' }),
  };

  async run() {
    const { flags } = await this.parse(AgentRestore);
    const { readPlace, restoreAgent } = await import('@qianzhi/agent');
    const { stateDir } = await readPlace(flags.config);
    const restored = await restoreAgent(resolve(flags.from), stateDir, this.signal);
    this.log(
      this.say(
        `已还原 ${restored.takenAt} 的备份(${restored.files} 个文件)到 ${stateDir};下一步:qianzhi agent start,业务系统重新推送此后推送过的记录,然后 qianzhi agent recover`,
        `restored the backup of ${restored.takenAt} (${counted(restored.files, 'file')}) to ${stateDir}; next: qianzhi agent start, have business systems push again what they pushed since, then qianzhi agent recover`,
      ),
    );
    return { ...restored, stateDir };
  }
}

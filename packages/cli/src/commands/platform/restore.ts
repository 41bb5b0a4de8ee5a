import { resolve } from 'node:path';
import { Flags } from '#oclif';
import { counted } from '../../counted.js';
import { sizeText } from '../../job-text.js';
import { placeFlags, readPlatformPlace } from '../../platform-place.js';
import { QianzhiCommand } from '../../qianzhi-command.js';

export default class PlatformRestore extends QianzhiCommand {
  static override summary = '从备份还原平台 / restore the platform from a backup';
  static override description =
    '先核对每个文件的摘要,再整体写入;数据目录须为空,PostgreSQL 的模式须无表。可还原到另一种数据库。还原之后的批次由前置机重新发送。\nEvery digest is verified first; the data folder must be empty, and a PostgreSQL schema without tables. The database may be of the other kind. What came after the backup, agents send again.';
  static override examples = [
    '<%= config.bin %> platform restore --from /backup/platform-2026-11-24 --config platform.yaml',
    '<%= config.bin %> platform restore --from /backup/platform-2026-11-24 --data-dir ./platform-data',
  ];
  static override flags = {
    from: Flags.string({ required: true, summary: '备份文件夹 / the backup’s folder' }),
    ...placeFlags,
  };

  async run() {
    const { flags } = await this.parse(PlatformRestore);
    const place = await readPlatformPlace(flags);
    const { restorePlatform } = await import('@qianzhi/platform');
    const restored = await restorePlatform(resolve(flags.from), place, this.signal);
    const { takenAt, files, bytes } = restored;
    const next =
      flags.config === undefined
        ? `qianzhi platform start --data-dir ${place.dataDir}`
        : `qianzhi platform start --config ${flags.config}`;
    this.log(
      this.say(
        `已还原 ${takenAt} 的备份(${files} 个文件,${sizeText(bytes)})到 ${place.dataDir};下一步:${next}`,
        `restored the backup of ${takenAt} (${counted(files, 'file')}, ${sizeText(bytes)}) to ${place.dataDir}; next: ${next}`,
      ),
    );
    return { ...restored, dataDir: place.dataDir };
  }
}

import { resolve } from 'node:path';
import { Flags } from '#oclif';
import { counted } from '../../counted.js';
import { sizeText } from '../../job-text.js';
import { placeFlags, readPlatformPlace } from '../../platform-place.js';
import { QianzhiCommand } from '../../qianzhi-command.js';

export default class PlatformBackup extends QianzhiCommand {
  static override summary = '备份平台,不必停机 / back up the platform, while it runs';
  static override description =
    '含平台私钥,请按密钥保管。SQLite 与 PostgreSQL 的备份相同。\nHolds the platform’s private key: keep it as such. A backup is the same from SQLite and from PostgreSQL.';
  static override examples = [
    '<%= config.bin %> platform backup --to /backup/platform-2026-11-24 --config platform.yaml',
    '<%= config.bin %> platform backup --to /backup/platform-2026-11-24 --data-dir ./platform-data',
  ];
  static override flags = {
    to: Flags.string({ required: true, summary: '新文件夹 / a new folder' }),
    ...placeFlags,
  };

  async run() {
    const { flags } = await this.parse(PlatformBackup);
    const place = await readPlatformPlace(flags);
    const { backupPlatform } = await import('@qianzhi/platform');
    const backup = await backupPlatform(place, resolve(flags.to), this.signal);
    this.log(
      this.say(
        `已备份 ${backup.files} 个文件(${sizeText(backup.bytes)})到 ${backup.folder}`,
        `${counted(backup.files, 'file')} (${sizeText(backup.bytes)}) backed up to ${backup.folder}`,
      ),
    );
    return backup;
  }
}

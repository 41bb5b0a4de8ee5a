import { placeFlags, readPlatformPlace } from '../../platform-place.js';
import { QianzhiCommand } from '../../qianzhi-command.js';
import { stateText } from '../../state-text.js';

export default class PlatformCheckState extends QianzhiCommand {
  static override summary = '本版本能否使用现有状态 / whether this version can use the state';
  static override description =
    '只查看,不改动;更换版本之前由安装程序执行。\nOnly looks; the installer runs it before it changes versions.';
  static override examples = ['<%= config.bin %> platform check-state --config /etc/qianzhi/platform.yaml'];
  static override flags = placeFlags;

  async run() {
    const { flags } = await this.parse(PlatformCheckState);
    const place = await readPlatformPlace(flags);
    const { inspectPlatform } = await import('@qianzhi/platform');
    const structure = await inspectPlatform(place);
    this.log(stateText(structure, (zh, en) => this.say(zh, en)));
    return { dataDir: place.dataDir, ...structure };
  }
}

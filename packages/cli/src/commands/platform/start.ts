import { resolve } from 'node:path';
import type { PlatformConfigInput } from '@qianzhi/platform';
import { Flags } from '#oclif';
import { failpointOf } from '../../failpoint.js';
import { writeNewFile } from '../../output.js';
import { QianzhiCommand } from '../../qianzhi-command.js';

export default class PlatformStart extends QianzhiCommand {
  static override summary = '启动中心平台,直到 Ctrl-C / run the platform until Ctrl-C';
  static override description =
    '首次启动打印一次性的首次启动码,用它建立安全保密员账号(platform setup)。\nThe first start prints a one-time code; with it `platform setup` makes the security officer.';
  static override examples = [
    '<%= config.bin %> platform start --config platform.yaml',
    '<%= config.bin %> platform start --data-dir ./platform --port 8340 --audience county --code-file ./code',
  ];
  static override flags = {
    config: Flags.string({ summary: '配置文件;下列选项优先 / config file; the flags below go first' }),
    'data-dir': Flags.string({ summary: '数据目录 / data folder' }),
    host: Flags.string({ summary: '监听地址 / address to listen on' }),
    port: Flags.integer({ min: 0, max: 65_535, summary: '端口,0 为任意空闲端口 / port, 0: a free one' }),
    audience: Flags.string({ summary: '平台名称,区域内唯一 / name of the platform, unique in its region' }),
    'code-file': Flags.string({
      summary:
        '首次启动码写入此新文件(0600),不显示 / write the first-start code to this new file (0600), do not show it',
    }),
  };

  async run() {
    const { flags } = await this.parse(PlatformStart);
    this.logToStderr(this.say('正在启动平台…', 'starting the platform…'));
    const { startPlatform } = await import('@qianzhi/platform');
    const platform = await startPlatform(await this.settings(flags), {
      failpoint: failpointOf(process.env),
    });
    try {
      await this.announce(platform, flags['code-file']);
      await this.interrupted();
    } finally {
      await platform.stop();
    }
    this.logToStderr(this.say('平台已停止', 'the platform has stopped'));
  }

  private async settings(flags: {
    readonly config?: string;
    readonly 'data-dir'?: string;
    readonly host?: string;
    readonly port?: number;
    readonly audience?: string;
  }): Promise<PlatformConfigInput> {
    const { readPlatformConfig } = await import('../../platform-config.js');
    const fromFile = flags.config === undefined ? undefined : await readPlatformConfig(flags.config);
    const { host, port, audience } = flags;
    const dataDir = flags['data-dir'] === undefined ? undefined : resolve(flags['data-dir']);
    const given = Object.entries({ dataDir, host, port, audience }).filter(
      ([, value]) => value !== undefined,
    );
    return { dataDir: resolve('platform-data'), ...fromFile, ...Object.fromEntries(given) };
  }

  /** The code is written before the address is told: who waits for the address finds the file there. */
  private async announce(
    {
      url,
      monitorUrl,
      firstStartCode: code,
    }: { readonly url: string; readonly monitorUrl?: string; readonly firstStartCode?: string },
    codeFile: string | undefined,
  ): Promise<void> {
    if (code !== undefined && codeFile !== undefined) await writeNewFile(codeFile, `${code}\n`);
    const shown = codeFile === undefined ? code : undefined;
    if (this.jsonEnabled()) {
      process.stdout.write(
        `${JSON.stringify({ url, ...(monitorUrl !== undefined && { monitorUrl }), ...(shown !== undefined && { firstStartCode: shown }) })}\n`,
      );
      return;
    }
    this.log(url);
    if (monitorUrl !== undefined)
      this.logToStderr(this.say(`监控接口 ${monitorUrl}`, `monitor ${monitorUrl}`));
    if (code === undefined) return;
    const setup = `qianzhi platform setup --url ${url} --account officer --name ${this.say('姓名', 'NAME')}`;
    this.logToStderr(
      shown === undefined
        ? this.say(
            `首次启动码已写入 ${codeFile};下一步:${setup} --code-file ${codeFile}`,
            `the first-start code is in ${codeFile}; next: ${setup} --code-file ${codeFile}`,
          )
        : this.say(
            `首次启动码(只显示这一次):${shown}\n下一步:${setup}`,
            `first-start code, shown only now: ${shown}\nnext: ${setup}`,
          ),
    );
  }

  private interrupted(): Promise<void> {
    return new Promise((resolve) => {
      if (this.signal.aborted) resolve();
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

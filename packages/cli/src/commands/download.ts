import {
  type Download as DownloadRecord,
  type DownloadRequest,
  downloadEncodings,
  downloadFormats,
  downloadHeaders,
  personRoutes,
} from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { counted } from '../counted.js';
import { withDownloads } from '../download-door.js';
import { downloadProgress } from '../download-progress.js';
import { cliErrors } from '../errors.js';
import { PlatformCommand } from '../platform-command.js';
import { timeText } from '../words.js';

export default class Download extends PlatformCommand {
  static override summary = '部门批量下载 / download a resource as a file';
  static override description =
    '平台按协议准备文件(只含获批信息项,脱敏照旧),下载后核对校验和与清单签名,旁边留下清单。中断或终止后,以同样的参数再次执行即续传。每次下载的行序各不相同,可用 qianzhi trace 文件 识别外流的文件。\nThe platform makes the file by the agreement: granted items only, masked as told. It is shown once its digest and the signed manifest beside it are proven. Cut or killed, the same command goes on where it was. Each download has an order of rows of its own, by which `qianzhi trace FILE` recognises a file that leaked.';
  static override examples = [
    '<%= config.bin %> download social_group --format csv --out ./received',
    '<%= config.bin %> download social_group --since last --format jsonl --out ./received --json',
    '<%= config.bin %> download --offers',
    '<%= config.bin %> download --list',
  ];
  static override args = {
    resource: Args.string({ description: '资源代码;与 --out 同用 / resource code; with --out' }),
  };
  static override flags = {
    out: Flags.string({ summary: '存放文件的文件夹 / folder for the file' }),
    format: Flags.option({
      options: downloadFormats,
      default: 'csv' as const,
      summary: '文件格式 / format',
    })(),
    encoding: Flags.option({
      options: downloadEncodings,
      default: 'utf-8' as const,
      summary: 'CSV 的编码;utf-8 带 BOM / encoding of CSV; utf-8 has a BOM',
    })(),
    header: Flags.option({
      options: downloadHeaders,
      default: 'names' as const,
      summary: '列名用信息项名称或列名 / names of the items, or columns',
    })(),
    since: Flags.string({
      summary:
        '只取此前一次下载之后的变化:last 或下载编号 / only changes since a former download: last, or its id',
    }),
    agreement: Flags.string({ summary: '协议编号,有多个时须写明 / agreement, where there are several' }),
    matter: Flags.string({
      summary: '具体业务事项;不给则为协议的 / business matter; the agreement’s unless given',
    }),
    offers: Flags.boolean({ summary: '列出可下载的资源 / list what may be downloaded' }),
    list: Flags.boolean({ summary: '列出下载记录 / list downloads' }),
    cancel: Flags.string({ summary: '取消一次下载并删除其文件 / cancel a download and remove its file' }),
  };

  async run() {
    const { args, flags } = await this.parse(Download);
    const { profile } = flags;
    if (flags.offers) return this.showOffers(profile);
    if (flags.list) return this.showList(profile, args.resource);
    if (flags.cancel !== undefined) return this.cancel(profile, flags.cancel);
    const { resource } = args;
    if (resource === undefined || flags.out === undefined) throw cliErrors.DOWNLOAD_WHAT();
    const { format, encoding, header, since, agreement, matter } = flags;
    const request: DownloadRequest = {
      resource,
      format,
      encoding,
      header,
      ...(since !== undefined && { since }),
      ...(agreement !== undefined && { agreement }),
      ...(matter !== undefined && { matter }),
    };
    return this.fetch(profile, request, flags.out);
  }

  private async fetch(profile: string, request: DownloadRequest, folder: string) {
    const progress = downloadProgress(this.say.bind(this));
    const { fetchDownload } = await import('@qianzhi/client');
    const fetched = await withDownloads(profile, (door) =>
      fetchDownload(door, request, { folder, onProgress: progress.show }, this.signal),
    ).finally(() => progress.line.end());
    const { body } = fetched.manifest;
    this.log(`✓ ${fetched.file}`);
    this.log(
      this.say(
        `  ${body.rows} 行,${body.bytes} 字节,校验和与平台签名无误;清单 ${fetched.manifestFile}`,
        `  ${counted(body.rows, 'row')}, ${counted(body.bytes, 'byte')}, digest and the platform’s signature are right; manifest ${fetched.manifestFile}`,
      ),
    );
    for (const note of this.notes(body.notes)) this.log(`  ! ${note}`);
    return { ...fetched, download: body.download };
  }

  private notes({
    neutralised,
    privateUse,
    asText,
  }: NonNullable<DownloadRecord['manifest']>['body']['notes']) {
    const cells = Object.entries(neutralised).map(([column, count]) => `${column} ${count}`);
    return [
      ...(cells.length > 0
        ? [
            this.say(
              `像公式的文本已作防护:${cells.join(',')}`,
              `texts that look like formulas made harmless: ${cells.join(', ')}`,
            ),
          ]
        : []),
      ...(privateUse > 0
        ? [this.say(`${privateUse} 行含自造字(私用区)`, `${privateUse} rows have private-use characters`)]
        : []),
      ...(asText.length > 0
        ? [
            this.say(
              `这些数值列含格式不能精确表示的值,按文本写出:${asText.join(',')}`,
              `number columns written as text, for the format cannot hold all of their values: ${asText.join(', ')}`,
            ),
          ]
        : []),
    ];
  }

  private async showOffers(profile: string) {
    const answer = await this.withPlatform(profile, (client) =>
      client.call(personRoutes.listOffers, {}, this.signal),
    );
    this.table(answer.offers, [
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('名称', 'name'), value: (row) => row.name },
      { name: this.say('信息项', 'items'), value: (row) => row.items.length },
      { name: this.say('供数前置机', 'suppliers'), value: (row) => row.suppliers },
      {
        name: this.say('最新批次', 'newest'),
        value: (row) => (row.newestBatchAt ? timeText(row.newestBatchAt) : ''),
      },
      { name: this.say('可取变化', 'changes'), value: (row) => (row.changes ? '✓' : '') },
      { name: this.say('上次下载', 'last'), value: (row) => row.lastDownload ?? '' },
      { name: this.say('协议', 'agreement'), value: (row) => row.agreement },
    ]);
    return answer;
  }

  private async showList(profile: string, resource: string | undefined) {
    const answer = await this.withPlatform(profile, (client) =>
      client.call(personRoutes.listDownloads, { query: { resource } }, this.signal),
    );
    this.table(answer.downloads, this.columns());
    return answer;
  }

  private async cancel(profile: string, id: string) {
    const answer = await withDownloads(profile, (door) => door.cancel(id, this.signal));
    this.table([answer], this.columns());
    return answer;
  }

  private columns() {
    return [
      { name: this.say('下载', 'download'), value: (row: DownloadRecord) => row.id },
      { name: this.say('资源', 'resource'), value: (row: DownloadRecord) => row.resource },
      {
        name: this.say('类别', 'kind'),
        value: ({ kind }: DownloadRecord) =>
          kind === 'state' ? this.say('全量', 'whole') : this.say('变化', 'changes'),
      },
      { name: this.say('格式', 'format'), value: (row: DownloadRecord) => row.format },
      { name: this.say('状态', 'state'), value: (row: DownloadRecord) => this.stateText(row) },
      { name: this.say('行', 'rows'), value: (row: DownloadRecord) => row.manifest?.body.rows ?? '' },
      { name: this.say('申请者', 'by'), value: (row: DownloadRecord) => row.requestedBy },
      {
        name: this.say('取走时间', 'fetched'),
        value: (row: DownloadRecord) => (row.deliveredAt ? timeText(row.deliveredAt) : ''),
      },
    ];
  }

  private stateText({ state, progress, problem }: DownloadRecord): string {
    const states = {
      queued: this.say('排队', 'queued'),
      running: this.say('准备中', 'preparing'),
      ready: this.say('可取', 'ready'),
      failed: this.say('失败', 'failed'),
      cancelled: this.say('已取消', 'cancelled'),
      expired: this.say('文件已过期', 'expired'),
      revoked: this.say('授权已终止', 'revoked'),
    };
    const text = states[state];
    if (state === 'running') return `${text} ${Math.floor(progress * 100)} %`;
    return state === 'failed' && problem ? `${text} ${problem.code}` : text;
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CatalogResource,
  personRoutes,
  type TraceCandidateFinding,
  type TraceFinding,
} from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { allEntries } from '../catalog-pages.js';
import { counted } from '../counted.js';
import { requireFile } from '../input.js';
import { PlatformCommand } from '../platform-command.js';
import { timeText } from '../words.js';

export default class Trace extends PlatformCommand {
  static override summary = '溯源:外流的文件出自哪次下载 / which download a found file came from';
  static override description =
    '读取文件(CSV、XLSX 首张工作表、JSON Lines、Parquet),只把各行的摘要与次序送往平台,与下载记录比对。行序是每次下载特有的证据:取其一部分、删列、改值后仍在,重新排序后不在;行序不在时只能比较行、值与版本,常不足以断定。由保密员或审计员执行,操作入审计。\nReads the file (CSV, the first sheet of an XLSX, JSON Lines, Parquet) and sends digests of its rows and their order, no value. The order is each download’s own: it outlives a selection of rows, dropped columns and edited values, but not sorting again; without it rows, values and versions are compared, which often is not enough to tell. For the security officer or an auditor; audited.';
  static override examples = [
    '<%= config.bin %> trace ./found.csv',
    '<%= config.bin %> trace ./found.xlsx --resource social_group --json',
  ];
  static override args = {
    file: Args.string({ required: true, description: '发现的文件 / the found file' }),
  };
  static override flags = {
    resource: Flags.string({
      summary: '资源代码;不给则按列名判断 / resource code; judged by the columns unless given',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(Trace);
    await requireFile(args.file);
    const { sampleFile, createLog } = await import('@qianzhi/agent');
    const tempDir = await mkdtemp(join(tmpdir(), 'qianzhi-'));
    try {
      const context = {
        log: createLog('error', 'cli'),
        now: () => new Date(),
        tempDir,
        timeZone: 'Asia/Shanghai',
      };
      return await this.withPlatform(flags.profile, async (client) => {
        const resources = await allEntries(client, {}, this.signal);
        const known = resources.map(({ resource }): CatalogResource => resource);
        const wanted =
          flags.resource === undefined
            ? known
            : [
                (
                  await client.call(
                    personRoutes.showCatalog,
                    { params: { code: flags.resource }, query: {} },
                    this.signal,
                  )
                ).resource,
              ];
        const sample = await sampleFile(args.file, wanted, context, this.signal);
        const found = await client.call(personRoutes.trace, { body: sample.bytes }, this.signal);
        this.show(found);
        return { ...found, unknownColumns: sample.unknown, unreadable: sample.unreadable };
      });
    } finally {
      await rm(tempDir, { recursive: true, force: true });
    }
  }

  private show(found: TraceFinding): void {
    const { resource, rowsInFile, compared, judged, candidates } = found;
    this.log(
      this.say(
        `资源 ${resource}:文件 ${rowsInFile} 行,比对 ${compared} 行,与 ${judged} 次下载比较`,
        `resource ${resource}: ${counted(rowsInFile, 'row')} in the file, ${compared} compared with ${counted(judged, 'download')}`,
      ),
    );
    this.log(this.verdictText(found));
    const share = (part: number, whole: number) =>
      whole === 0 ? '—' : `${((100 * part) / whole).toFixed(1)} %`;
    const columnsText = ({ columns }: TraceCandidateFinding) =>
      Object.entries(columns)
        .filter(([, same]) => same < 0.999)
        .map(([column, same]) => `${column} ${(100 * same).toFixed(0)} %`)
        .join(' ');
    this.table(candidates, [
      { name: this.say('下载', 'download'), value: (row) => row.download },
      { name: this.say('使用方', 'consumer'), value: (row) => row.consumer },
      { name: this.say('申请者', 'by'), value: (row) => row.requestedBy },
      {
        name: this.say('取走时间', 'fetched'),
        value: (row) => (row.deliveredAt ? timeText(row.deliveredAt) : ''),
      },
      {
        name: this.say('行序', 'order'),
        value: ({ order }) =>
          `${order.matches ? this.say('相符', 'matches') : this.say('无', 'none')} ${share(order.inOrder, order.neighbours)}`,
      },
      {
        name: this.say('行', 'rows'),
        value: (row) => (row.record === 'whole' ? share(row.found, compared) : '—'),
      },
      {
        name: this.say('值全同', 'equal'),
        value: (row) => (row.record === 'whole' ? share(row.equal, compared) : '—'),
      },
      { name: this.say('不同的列', 'differing'), value: columnsText },
      { name: this.say('未交付的列', 'not delivered'), value: (row) => row.notDelivered.join(' ') },
    ]);
  }

  private verdictText({ verdict, candidates, judged }: TraceFinding): string {
    const [first] = candidates;
    switch (verdict) {
      case 'identified':
        return this.say(
          `✓ 出自下载 ${first!.download}(${first!.consumer}):只有它的行序与文件相符`,
          `✓ from download ${first!.download} (${first!.consumer}): its order of rows alone is the file’s`,
        );
      case 'probable':
        return this.say(
          `? 很可能出自下载 ${first!.download}(${first!.consumer}):行序已不在,但行与值的版本明显更相符`,
          `? probably from download ${first!.download} (${first!.consumer}): no order is left, but rows and their versions fit clearly better`,
        );
      case 'undetermined':
        return this.say(
          `? 无法断定:有 ${candidates.length} 次下载含有这些行,没有证据区分它们,也不能排除其他途径`,
          `? undetermined: ${candidates.length} downloads have these rows and nothing tells them apart; another way is not excluded`,
        );
      case 'none':
        return this.say(
          `✗ 在 ${judged} 次下载中没有找到这些行`,
          `✗ none of ${judged} downloads has these rows`,
        );
    }
  }
}

import {
  type CatalogEntry,
  type CatalogSummary,
  type Department,
  type Payload,
  personRoutes,
  summariseCatalog,
  templateSheets,
  tooLongCell,
} from '@qianzhi/model';
import { Flags } from '#oclif';
import { catalogFileErrors } from '../../catalog-file/errors.js';
import { requireFormat } from '../../catalog-file/out-format.js';
import { allEntries } from '../../catalog-pages.js';
import { writeNewFile } from '../../output.js';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogExport extends PlatformCommand {
  static override summary =
    '导出目录:国家模板 XLSX、YAML,或供上级汇集的汇总 (R019) / export the catalog as the national template (XLSX), YAML, or a summary for the upper platform';
  static override description = [
    'XLSX 按发改高技〔2017〕1272号的模板,每个信息项一行;catalog import 读回的条目与导出的完全相同。',
    'XLSX follows the national template, a row for each item; `catalog import` reads back exactly what was exported.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> catalog export --out catalog.xlsx --department mz',
    '<%= config.bin %> catalog export --out catalog.yaml --text 登记',
    '<%= config.bin %> catalog export --out template.xlsx --blank',
    '<%= config.bin %> catalog export --out summary.yaml --summary',
  ];
  static override flags = {
    out: Flags.string({
      required: true,
      summary: '新文件,以 .xlsx、.yaml 或 .yml 结尾 / a new file that ends in .xlsx, .yaml or .yml',
    }),
    department: Flags.string({ summary: '只导出某部门 / of one department' }),
    text: Flags.string({ summary: '检索词,见 catalog list / words to search for, see catalog list' }),
    only: Flags.string({ multiple: true, summary: '只导出这些代码,可多次 / only these codes, repeatable' }),
    blank: Flags.boolean({ summary: '空白模板 / a blank template' }),
    summary: Flags.boolean({
      summary: '目录汇总,供上级平台汇集 (R019),YAML / a summary for the upper platform to take in, YAML',
      exclusive: ['blank'],
    }),
  };

  async run() {
    const { flags } = await this.parse(CatalogExport);
    const { out, department, text, only, blank, summary } = flags;
    const { file, format } = requireFormat(out);
    if (summary && format !== 'yaml') throw catalogFileErrors.SUMMARY_FORMAT({ file: out });
    const { entries, departments, info } = await this.withPlatform(flags.profile, async (client) => {
      const found = blank ? [] : await allEntries(client, { department, text }, this.signal);
      return {
        entries: found.filter(({ resource }) => !only || only.includes(resource.code)),
        ...(await client.call(personRoutes.listDepartments, {}, this.signal)),
        info: await client.call(personRoutes.platformInfo, {}, this.signal),
      };
    });
    const resources = entries.map(({ resource }) => resource);
    if (format === 'yaml') {
      const { stringify } = await import('yaml');
      const content = summary ? await summaryOf(entries, departments, info) : { resources };
      await writeNewFile(file, stringify(content, { lineWidth: 0, aliasDuplicateObjects: false }), 0o644);
    } else {
      const sheets = templateSheets(resources, departments);
      const long = tooLongCell(sheets);
      if (long) throw catalogFileErrors.CELL_TOO_LONG(long);
      const { writeTextWorkbook } = await import('@qianzhi/workbook');
      await writeNewFile(file, await writeTextWorkbook(sheets), 0o644);
    }
    const items = resources.reduce((sum, resource) => sum + resource.items.length, 0);
    this.log(
      this.say(
        `✓ 已写入 ${file}:资源 ${resources.length},信息项 ${items}`,
        `✓ ${file} is written: resources ${resources.length}, items ${items}`,
      ),
    );
    return { file, format: summary ? 'summary' : format, resources: resources.length, items };
  }
}

async function summaryOf(
  entries: readonly CatalogEntry[],
  departments: readonly Department[],
  { audience, region, serverTime }: Payload<(typeof personRoutes.platformInfo)['response']>,
): Promise<CatalogSummary> {
  const { canonicalBytes, intlSuite } = await import('@qianzhi/model/crypto');
  return summariseCatalog(
    entries,
    { platform: audience, region, asOf: serverTime, departments },
    (resource) => intlSuite.digest(canonicalBytes(resource)),
  );
}

import { Flags } from '@oclif/core';
import { personRoutes, templateSheets, tooLongCell } from '@qianzhi/model';
import { catalogFileErrors } from '../../catalog-file/errors.js';
import { requireFormat } from '../../catalog-file/out-format.js';
import { allEntries } from '../../catalog-pages.js';
import { writeNewFile } from '../../output.js';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogExport extends PlatformCommand {
  static override summary =
    '导出目录:国家模板 XLSX 或 YAML / export the catalog as the national template (XLSX) or YAML';
  static override description = [
    'XLSX 按发改高技〔2017〕1272号的模板,每个信息项一行;catalog import 读回的条目与导出的完全相同。',
    'XLSX follows the national template, a row for each item; `catalog import` reads back exactly what was exported.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> catalog export --out catalog.xlsx --department mz',
    '<%= config.bin %> catalog export --out catalog.yaml --text 登记',
    '<%= config.bin %> catalog export --out template.xlsx --blank',
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
  };

  async run() {
    const { flags } = await this.parse(CatalogExport);
    const { out, department, text, only, blank } = flags;
    const { file, format } = requireFormat(out);
    const { resources, departments } = await this.withPlatform(flags.profile, async (client) => {
      const entries = blank ? [] : await allEntries(client, { department, text }, this.signal);
      return {
        resources: entries.map(({ resource }) => resource).filter(({ code }) => !only || only.includes(code)),
        ...(await client.call(personRoutes.listDepartments, {}, this.signal)),
      };
    });
    if (format === 'yaml') {
      const { stringify } = await import('yaml');
      await writeNewFile(
        file,
        stringify({ resources }, { lineWidth: 0, aliasDuplicateObjects: false }),
        0o644,
      );
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
    return { file, format, resources: resources.length, items };
  }
}

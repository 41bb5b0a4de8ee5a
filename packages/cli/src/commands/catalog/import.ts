import { Args, Flags } from '@oclif/core';
import { currentLanguage, errorKinds, personRoutes } from '@qianzhi/model';
import { type FileFinding, readCatalog } from '../../catalog-file/read-catalog.js';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogImport extends PlatformCommand {
  static override summary =
    '导入目录:国家模板 XLSX 或 YAML,全部成功或全部不变 / import the national template (XLSX) or YAML, all or nothing';
  static override description = [
    '先列出全部错误及其工作表、行与单元格(YAML 为行号);有错误时不导入任何条目,退出码为 8。公式与宏不予接受。',
    'Lists everything wrong first, with sheet, row and cell (the line, in YAML); where anything is, nothing is imported and the exit code is 8. Formulas and macros are refused.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> catalog import catalog.xlsx --check',
    '<%= config.bin %> catalog import catalog.xlsx',
  ];
  static override args = {
    file: Args.string({ required: true, description: 'XLSX 或 YAML 文件 / XLSX or YAML file' }),
  };
  static override flags = {
    check: Flags.boolean({ summary: '只检查,不导入 / check only, import nothing' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogImport);
    const { file } = args;
    return this.withPlatform(flags.profile, async (client) => {
      const { departments } = await client.call(personRoutes.listDepartments, {}, this.signal);
      const { resources, findings } = await readCatalog(file, departments, this.signal);
      for (const finding of findings) this.show(file, finding);
      const errors = findings.filter(({ level }) => level === 'error').length;
      const told = { file, ok: errors === 0, findings, published: null };
      if (errors > 0) {
        process.exitCode = errorKinds.data.exit;
        this.logToStderr(
          this.say(
            `错误 ${errors} 处,未导入任何条目;改正后重试`,
            `errors: ${errors}; nothing was imported. Correct them and try again`,
          ),
        );
        return told;
      }
      if (flags.check || resources.length === 0) {
        this.log(
          this.say(
            `✓ ${file} 可以导入:资源 ${resources.length}`,
            `✓ ${file} can be imported: resources ${resources.length}`,
          ),
        );
        return told;
      }
      const body = { resources: [...resources] };
      const { published } = await client.call(personRoutes.importCatalog, { body }, this.signal);
      const count = (change: string) => published.filter((one) => one.change === change).length;
      this.log(
        this.say(
          `✓ 已导入:新增 ${count('added')},修改 ${count('changed')},未变 ${count('unchanged')}`,
          `✓ imported: added ${count('added')}, changed ${count('changed')}, unchanged ${count('unchanged')}`,
        ),
      );
      return { ...told, published };
    });
  }

  private show(file: string, { level, code, sheet, cell, line, texts }: FileFinding): void {
    const place = sheet === undefined ? `${file}:${line}` : `${sheet}!${cell}`;
    this.log(`${level === 'error' ? '✗' : '!'} ${place}  ${code}  ${texts[currentLanguage()]}`);
  }
}

import type { PlatformClient } from '@qianzhi/client';
import {
  type CatalogResource,
  errorKinds,
  type ImportFinding,
  isQianzhiError,
  personRoutes,
} from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { findingLine, placeText } from '../../catalog-file/finding-line.js';
import { type CatalogFile, type FileFinding, readCatalog } from '../../catalog-file/read-catalog.js';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogImport extends PlatformCommand {
  static override summary =
    '导入目录:国家模板 XLSX 或 YAML,全部成功或全部不变 / import the national template (XLSX) or YAML, all or nothing';
  static override description = [
    '先列出全部错误及其工作表、行与单元格(YAML 为行号),包括平台不予受理的;有错误时不导入任何条目,退出码为 8。公式与宏不予接受。',
    '直接发布的平台:发布。目录须经审核的平台 (R009):各条目成为草稿,再逐条 catalog submit;与已发布相同的不起草。内容未变的条目不办结更新职责,见 catalog confirm。',
    'Lists everything wrong first, with sheet, row and cell (the line, in YAML), what the platform would refuse included; where anything is, nothing is imported and the exit code is 8. Formulas and macros are refused.',
    'The entries are published; where the platform asks for reviews (R009) they become drafts, to be submitted one by one, and what is as published is left alone. An entry that did not change closes no duty to bring it up to date: see catalog confirm.',
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
      const read = await readCatalog(file, departments, this.signal);
      const resources = [...read.resources];
      const wrong = read.findings.some(({ level }) => level === 'error');
      const asked = wrong || resources.length === 0 ? [] : await this.refusals(client, resources);
      const findings = [...read.findings, ...unseen(file, read, asked)];
      for (const finding of findings) this.log(findingLine(file, finding));
      const errors = findings.filter(({ level }) => level === 'error').length;
      const told = { file, ok: errors === 0, findings, published: null, drafted: null };
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
      const done = await client.call(personRoutes.importCatalog, { body: { resources } }, this.signal);
      const { published, drafted = null } = done;
      const count = (change: string) => published.filter((one) => one.change === change).length;
      if (drafted) this.tellDrafted(drafted, count('unchanged'));
      else
        this.log(
          this.say(
            `✓ 已导入:新增 ${count('added')},修改 ${count('changed')},未变 ${count('unchanged')}`,
            `✓ imported: added ${count('added')}, changed ${count('changed')}, unchanged ${count('unchanged')}`,
          ),
        );
      return { ...told, published, drafted };
    });
  }

  /** What the platform would refuse, and what to look at; nothing from one of before it could be asked. */
  private async refusals(client: PlatformClient, resources: CatalogResource[]): Promise<ImportFinding[]> {
    try {
      return (await client.call(personRoutes.checkImport, { body: { resources } }, this.signal)).findings;
    } catch (error) {
      if (isQianzhiError(error) && error.kind === 'not-found') return [];
      throw error;
    }
  }

  private tellDrafted(drafted: readonly string[], unchanged: number): void {
    this.log(
      this.say(
        `✓ 已起草 ${drafted.length} 条,与已发布相同 ${unchanged} 条`,
        `✓ drafted: ${drafted.length}, as published already: ${unchanged}`,
      ),
    );
    const [first] = drafted;
    if (first === undefined) return;
    this.logToStderr(
      this.say(
        `下一步,由目录编辑员逐条:qianzhi catalog submit ${first};查看全部:qianzhi catalog drafts --state draft`,
        `next, by a catalog editor, one by one: qianzhi catalog submit ${first}; see them with qianzhi catalog drafts --state draft`,
      ),
    );
  }
}

/** What the platform says of entries, where they stand in the file; what the file's own check has told already left out. */
function unseen(
  file: string,
  { findings, placeOf }: CatalogFile,
  asked: readonly ImportFinding[],
): FileFinding[] {
  const name = (finding: FileFinding) => `${finding.code} ${placeText(file, finding)}`;
  const known = new Set(findings.map(name));
  return asked
    .map(({ resource, item, level, code, zh, en }) => ({
      level,
      code,
      ...placeOf(resource, item),
      texts: { zh: `${resource}:${zh}`, en: `${resource}: ${en}` },
    }))
    .filter((finding) => !known.has(name(finding)));
}

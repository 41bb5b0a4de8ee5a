import {
  errorKinds,
  isQianzhiError,
  type ListEntry,
  listKinds,
  personRoutes,
  readList,
  type TemplateFinding,
} from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { findingLine } from '../../catalog-file/finding-line.js';
import { isXlsx } from '../../catalog-file/read-catalog.js';
import { readXlsx } from '../../catalog-file/read-xlsx.js';
import { cliErrors } from '../../errors.js';
import { readInput } from '../../input.js';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogPutList extends PlatformCommand {
  static override summary =
    '提交本部门的责任、需求、负面清单 (R018) 或法定共享清单 (R017) / put a list of the own department: responsibility, demand, not shared, statutory';
  static override description = [
    'XLSX:每条一行,列为 信息名称、资源代码、提供部门(需求清单必填)、信息项、业务事项、依据(负面清单必填)、备注;空白样式由 catalog list --list … --out 文件.xlsx 给出。单元格有误时逐处列出,不作改动,退出码为 8。',
    'YAML:entries 之下每条:name,以及 resource、provider、items、matter、basis、note。整份替换原有清单。',
    '法定共享清单 (statutory) 逐条写明 resource、items 和 basis:目录中尚缺的,限期补齐;此后缺这些信息项的条目不予发布,资源不得撤销。',
    'XLSX: a row for each entry; `catalog list --list … --out FILE.xlsx` writes the columns. Wrong cells are listed, nothing is changed then, and the exit code is 8.',
    'YAML: each of its entries has a name, and may have resource, provider (needed in demand), items, matter, basis (needed in negative), note. It takes the place of the list before.',
    'The statutory list names resource, items and the law (basis): what the catalog lacks is to be added in time, an entry without these items is not published, and the resource not withdrawn.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> catalog put-list demand.yaml --list demand',
    '<%= config.bin %> catalog put-list demand.xlsx --list demand',
  ];
  static override args = {
    file: Args.string({
      required: true,
      description:
        'XLSX 或 YAML 文件,- 为标准输入的 YAML / XLSX or YAML file, - for YAML from standard input',
    }),
  };
  static override flags = {
    list: Flags.option({ options: listKinds, required: true, summary: '哪份清单 / which list' })(),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogPutList);
    const { file } = args;
    const { entries, rows, findings } = isXlsx(file) ? await this.fromXlsx(file) : await fromYaml(file);
    if (findings.length > 0) {
      for (const finding of findings) this.log(findingLine(file, finding));
      process.exitCode = errorKinds.data.exit;
      this.logToStderr(
        this.say(
          `错误 ${findings.length} 处,清单未作改动;改正后重试`,
          `errors: ${findings.length}; the list was left as it was. Correct them and try again`,
        ),
      );
      return { ok: false, findings };
    }
    const body = { entries: [...entries] };
    const put = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.putDepartmentList, { params: { list: flags.list }, body }, this.signal),
    ).catch((error: unknown) => {
      if (isQianzhiError(error, 'QZ_PLATFORM_LIST_REFUSED')) this.tellRows(error.details.places, rows);
      throw error;
    });
    this.log(
      this.say(`✓ 已提交,共 ${put.entries.length} 条`, `✓ the list is put, entries: ${put.entries.length}`),
    );
    for (const { object, dueDay } of put.duties ?? [])
      this.logToStderr(
        this.say(
          `  ! 目录尚缺 ${object} 的法定信息项,限期补齐:${dueDay ?? '无期限'}`,
          `  ! the catalog lacks what the law asks of ${object}, to be added: ${dueDay ?? 'no deadline'}`,
        ),
      );
    return put;
  }

  private async fromXlsx(file: string): Promise<ReadEntries> {
    const { entries, findings } = readList(await readXlsx(file, this.signal));
    return { entries: entries.map(({ entry }) => entry), rows: entries.map(({ row }) => row), findings };
  }

  /** The platform names entries by their place in the list. */
  private tellRows(places: unknown, rows: readonly number[]): void {
    for (const place of new Set(String(places).split(' ').map(Number))) {
      const row = rows[place - 1];
      if (row !== undefined)
        this.logToStderr(
          this.say(
            `  ! 第 ${place} 条在工作表第 ${row} 行`,
            `  ! entry ${place} is in row ${row} of the sheet`,
          ),
        );
    }
  }
}

interface ReadEntries {
  readonly entries: readonly ListEntry[];
  /** Of a sheet: the row of each entry. */
  readonly rows: readonly number[];
  readonly findings: readonly TemplateFinding[];
}

async function fromYaml(file: string): Promise<ReadEntries> {
  const { parseYaml } = await import('@qianzhi/model/yaml');
  const parsed = parseYaml(await readInput(file));
  if ('problem' in parsed) throw cliErrors.FILE_WRONG({ file, ...parsed });
  const { entries } = (parsed.value ?? {}) as { entries?: unknown };
  if (Array.isArray(entries)) return { entries: entries as ListEntry[], rows: [], findings: [] };
  const problem = { zh: '没有 entries 列表', en: 'there is no list named entries' };
  throw cliErrors.FILE_WRONG({ file, line: 1, problem });
}

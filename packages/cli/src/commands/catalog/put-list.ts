import { Args, Flags } from '@oclif/core';
import { type ListEntry, listKinds, personRoutes } from '@qianzhi/model';
import { cliErrors } from '../../errors.js';
import { readInput } from '../../input.js';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogPutList extends PlatformCommand {
  static override summary =
    '提交本部门的责任、需求、负面清单 (R018) 或法定共享清单 (R017) / put a list of the own department: responsibility, demand, not shared, statutory';
  static override description = [
    'YAML 文件,entries 之下每条:name,以及 resource、provider(需求清单必填)、items、matter、basis(负面清单必填)、note。整份替换原有清单。',
    '法定共享清单 (statutory) 逐条写明 resource、items 和 basis:目录中尚缺的,限期补齐;此后缺这些信息项的条目不予发布,资源不得撤销。',
    'A YAML file; each of its entries has a name, and may have resource, provider (needed in demand), items, matter, basis (needed in negative), note. It takes the place of the list before.',
    'The statutory list names resource, items and the law (basis): what the catalog lacks is to be added in time, an entry without these items is not published, and the resource not withdrawn.',
  ].join('\n');
  static override examples = ['<%= config.bin %> catalog put-list demand.yaml --list demand'];
  static override args = {
    file: Args.string({
      required: true,
      description: 'YAML 文件,- 为标准输入 / YAML file, - for standard input',
    }),
  };
  static override flags = {
    list: Flags.option({ options: listKinds, required: true, summary: '哪份清单 / which list' })(),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogPutList);
    const { file } = args;
    const { parseYaml } = await import('@qianzhi/model/yaml');
    const parsed = parseYaml(await readInput(file));
    if ('problem' in parsed) throw cliErrors.FILE_WRONG({ file, ...parsed });
    const { entries } = (parsed.value ?? {}) as { entries?: unknown };
    if (!Array.isArray(entries)) {
      const problem = { zh: '没有 entries 列表', en: 'there is no list named entries' };
      throw cliErrors.FILE_WRONG({ file, line: 1, problem });
    }
    const body = { entries: entries as ListEntry[] };
    const put = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.putDepartmentList, { params: { list: flags.list }, body }, this.signal),
    );
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
}

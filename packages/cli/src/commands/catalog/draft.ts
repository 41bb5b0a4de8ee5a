import { type CatalogDraft, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { draftLine, findingLines, nextStep } from '../../catalog/draft-text.js';
import { readCatalogFile, requireInFile } from '../../catalog-file/read-yaml.js';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogDraftCommand extends PlatformCommand {
  static override summary =
    '起草目录条目,送审前可反复修改 (R009) / draft entries, to be reviewed before they are published';
  static override examples = ['<%= config.bin %> catalog draft catalog.yaml --only social_group'];
  static override args = {
    file: Args.string({
      required: true,
      description: 'YAML 文件,- 为标准输入 / YAML file, - for standard input',
    }),
  };
  static override flags = {
    only: Flags.string({ multiple: true, summary: '只起草这些代码 / draft only these codes' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogDraftCommand);
    const all = await readCatalogFile(args.file);
    for (const code of flags.only ?? []) requireInFile(all, code, args.file);
    const resources = all.filter(({ code }) => !flags.only || flags.only.includes(code));
    const drafts = await this.withPlatform(flags.profile, async (client) => {
      const written: CatalogDraft[] = [];
      for (const body of resources) {
        const params = { code: body.code };
        const draft = await client.call(personRoutes.draftCatalog, { params, body }, this.signal);
        this.log(draftLine(draft));
        for (const line of findingLines(draft)) this.logToStderr(line);
        this.logToStderr(nextStep(draft) ?? '');
        written.push(draft);
      }
      return written;
    });
    return { drafts };
  }
}

import { compareEntries, currentLanguage, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { readCatalogFile, requireInFile } from '../../catalog-file/read-yaml.js';
import { PlatformCommand } from '../../platform-command.js';
import { timeText } from '../../words.js';

export default class CatalogDiff extends PlatformCommand {
  static override summary =
    '目录条目历次发布的变化,或与文件的差别 / what each publication changed, or how a file differs';
  static override examples = [
    '<%= config.bin %> catalog diff social_group',
    '<%= config.bin %> catalog diff social_group --file catalog.yaml',
  ];
  static override args = { code: Args.string({ required: true, description: '资源代码 / resource code' }) };
  static override flags = {
    file: Flags.string({ summary: '与当前发布比较的目录文件 / a catalog file, against what is published' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogDiff);
    const { code } = args;
    const { revisions } = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listRevisions, { params: { code } }, this.signal),
    );
    const language = currentLanguage();
    if (flags.file === undefined) {
      for (const { revision, publishedBy, publishedAt, resource, changes } of revisions) {
        this.log(`${revision}  v${resource.schemaVersion}  ${timeText(publishedAt)}  ${publishedBy}`);
        for (const change of changes) this.log(`  ${change[language]}`);
      }
      return { code, revisions };
    }
    const file = requireInFile(await readCatalogFile(flags.file), code, flags.file);
    const changes = compareEntries(revisions[0]!.resource, file);
    for (const change of changes) this.log(change[language]);
    if (changes.length === 0) this.log(this.say('(没有差别)', '(no difference)'));
    return { code, changes };
  }
}

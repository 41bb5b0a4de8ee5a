import { type CatalogEntry, currentLanguage, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { readCatalogFile, requireInFile } from '../../catalog-file/read-yaml.js';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogPublish extends PlatformCommand {
  static override summary = '发布目录条目 / publish resources from a YAML file';
  static override description =
    '文件含一个条目,或 resources 列表。信息项变化时平台产生新的架构版本。\nThe file holds one resource or a list under `resources`; changed items make a new schema version.';
  static override examples = [
    '<%= config.bin %> catalog publish social_group.yaml',
    '<%= config.bin %> catalog publish catalog.yaml --only social_group',
  ];
  static override args = {
    file: Args.string({
      required: true,
      description: 'YAML 文件,- 为标准输入 / YAML file, - for standard input',
    }),
  };
  static override flags = {
    only: Flags.string({ multiple: true, summary: '只发布这些代码 / publish only these codes' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogPublish);
    const all = await readCatalogFile(args.file);
    for (const code of flags.only ?? []) requireInFile(all, code, args.file);
    const resources = all.filter(({ code }) => !flags.only || flags.only.includes(code));
    const published = await this.withPlatform(flags.profile, async (client) => {
      const entries: CatalogEntry[] = [];
      for (const resource of resources) {
        const entry = await client.call(
          personRoutes.publishCatalog,
          { params: { code: resource.code }, body: resource },
          this.signal,
        );
        this.log(
          this.say(
            `已发布 ${resource.code} 第 ${entry.resource.schemaVersion} 版`,
            `published ${resource.code} version ${entry.resource.schemaVersion}`,
          ),
        );
        for (const warning of entry.warnings) this.logToStderr(`  ! ${warning[currentLanguage()]}`);
        entries.push(entry);
      }
      return entries;
    });
    const unreviewed = published.filter(({ secrecyReview }) => secrecyReview?.result !== 'passed');
    for (const { resource } of unreviewed)
      this.logToStderr(
        this.say(
          `下一步,由安全保密员:qianzhi catalog review ${resource.code} --result passed --note 意见`,
          `next, by the security officer: qianzhi catalog review ${resource.code} --result passed --note NOTE`,
        ),
      );
    return { resources: published };
  }
}

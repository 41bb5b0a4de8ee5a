import { policyRules } from '@qianzhi/model';
import { policyFilesIn } from '@qianzhi/platform/policy';
import { Args } from '#oclif';
import { policyFlags } from '../../policy/policy-flags.js';
import { ruleName, ruleText } from '../../policy/policy-text.js';
import { readPolicy } from '../../policy/read-policy.js';
import { QianzhiCommand } from '../../qianzhi-command.js';

export default class PolicyShow extends QianzhiCommand {
  static override summary =
    '一份政策配置的各项规定,或全部配置 / the rules of a policy profile, or all profiles';
  static override examples = [
    '<%= config.bin %> policy show',
    '<%= config.bin %> policy show huizhou-draft-2016',
  ];
  static override args = {
    profile: Args.string({ description: '政策配置的代号或文件 / id or file of a profile' }),
  };
  static override flags = policyFlags;

  async run() {
    const { args, flags } = await this.parse(PolicyShow);
    return args.profile === undefined ? this.showAll(flags.dir) : this.showOne(args.profile, flags.dir);
  }

  private async showAll(folder: string) {
    const files = await policyFilesIn(folder);
    const profiles = await Promise.all(files.map((file) => readPolicy(file, folder)));
    this.table(profiles, [
      { name: this.say('代号', 'id'), value: (row) => row.id },
      { name: this.say('名称', 'name'), value: (row) => row.name },
      { name: ruleName('status'), value: (row) => ruleText(row.status) },
      { name: ruleName('effectiveFrom'), value: (row) => ruleText(row.effectiveFrom) },
      { name: this.say('依据', 'source'), value: (row) => row.source },
    ]);
    return { profiles };
  }

  private async showOne(name: string, folder: string) {
    const profile = await readPolicy(name, folder);
    this.log(`${profile.id}  ${profile.name}  ${profile.source}`);
    this.table(policyRules(profile), [
      { name: this.say('规定', 'rule'), value: ({ path }) => ruleName(path) },
      { name: this.say('字段', 'field'), value: ({ path }) => path },
      { name: this.say('内容', 'value'), value: ({ value }) => ruleText(value) },
    ]);
    return { profile };
  }
}

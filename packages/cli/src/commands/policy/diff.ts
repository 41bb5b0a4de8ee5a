import { policyDifferences } from '@qianzhi/model';
import { Args } from '#oclif';
import { policyFlags } from '../../policy/policy-flags.js';
import { ruleName, ruleText } from '../../policy/policy-text.js';
import { readPolicy } from '../../policy/read-policy.js';
import { QianzhiCommand } from '../../qianzhi-command.js';

export default class PolicyDiff extends QianzhiCommand {
  static override summary = '两份政策配置的不同之处 / in what two policy profiles differ';
  static override examples = [
    '<%= config.bin %> policy diff jiangsu-2017 guangdong-2018',
    '<%= config.bin %> policy diff national-2025 my-city-2027.yaml --json',
  ];
  static override args = {
    left: Args.string({ required: true, description: '代号或文件 / id or file of a profile' }),
    right: Args.string({ required: true, description: '代号或文件 / id or file of the other' }),
  };
  static override flags = policyFlags;

  async run() {
    const { args, flags } = await this.parse(PolicyDiff);
    const left = await readPolicy(args.left, flags.dir);
    const right = await readPolicy(args.right, flags.dir);
    const differences = policyDifferences(left, right);
    this.table(differences, [
      { name: this.say('规定', 'rule'), value: ({ path }) => ruleName(path) },
      { name: this.say('字段', 'field'), value: ({ path }) => path },
      { name: left.id, value: (row) => ruleText(row.left) },
      { name: right.id, value: (row) => ruleText(row.right) },
    ]);
    return { left: left.id, right: right.id, differences };
  }
}

import { errorKinds } from '@qianzhi/model';
import { policyFilesIn } from '@qianzhi/platform/policy';
import { Args } from '#oclif';
import { policyFlags } from '../../policy/policy-flags.js';
import { checkPolicy } from '../../policy/read-policy.js';
import { QianzhiCommand } from '../../qianzhi-command.js';

export default class PolicyValidate extends QianzhiCommand {
  static override summary =
    '检查政策配置,列出问题及行号 / check policy profiles and list what is wrong, with lines';
  static override description =
    '不写名称时检查文件夹里的全部。\nWithout a name all profiles of the folder are checked.';
  static override examples = [
    '<%= config.bin %> policy validate',
    '<%= config.bin %> policy validate my-city-2027.yaml --json',
  ];
  static override args = {
    profile: Args.string({ description: '政策配置的代号或文件 / id or file of a profile' }),
  };
  static override flags = policyFlags;

  async run() {
    const { args, flags } = await this.parse(PolicyValidate);
    const names = args.profile === undefined ? await policyFilesIn(flags.dir) : [args.profile];
    const checked = await Promise.all(names.map((name) => checkPolicy(name, flags.dir)));
    const findings = checked.flatMap((one) => ('findings' in one ? one.findings : []));
    for (const one of checked)
      if ('profile' in one) this.log(this.say(`✓ ${one.file} 正确`, `✓ ${one.file} is right`));
    for (const { file, line, where, error } of findings) {
      this.log(`✗ ${file}:${line}  ${where}  ${error.code}  ${error.message}`);
      this.log(`  → ${error.hint}`);
    }
    const [first] = findings;
    if (first) process.exitCode = errorKinds[first.error.kind].exit;
    return {
      ok: findings.length === 0,
      files: checked.map(({ file }) => file),
      findings: findings.map(({ error: { code, kind, message, hint }, ...place }) => ({
        ...place,
        code,
        kind,
        message,
        hint,
      })),
    };
  }
}

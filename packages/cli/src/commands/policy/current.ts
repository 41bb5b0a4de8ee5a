import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../../platform-command.js';
import { ruleText } from '../../policy/policy-text.js';
import { timeText } from '../../words.js';

export default class PolicyCurrent extends PlatformCommand {
  static override summary = '平台现行的政策配置 / the policy profile in force on the platform';
  static override examples = ['<%= config.bin %> policy current'];

  async run() {
    const { flags } = await this.parse(PolicyCurrent);
    const policy = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.policyInForce, {}, this.signal),
    );
    const { id, name, source, status } = policy.current;
    this.log(`${id}  ${name}  ${source}  ${ruleText(status)}`);
    if (policy.changedFile)
      this.log(
        this.say(
          `其文件已有改动,重新施行后才生效:qianzhi policy use ${id} --reason 原因`,
          `its file was changed; that holds once it is used again: qianzhi policy use ${id} --reason REASON`,
        ),
      );
    this.table(policy.switches, [
      { name: this.say('施行于', 'since'), value: (row) => timeText(row.since) },
      { name: this.say('代号', 'id'), value: (row) => row.profile },
      { name: this.say('由', 'by'), value: (row) => row.by },
      { name: this.say('原因', 'reason'), value: (row) => row.reason },
    ]);
    return policy;
  }
}

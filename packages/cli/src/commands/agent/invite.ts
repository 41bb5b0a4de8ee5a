import { existsSync } from 'node:fs';
import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { cliErrors } from '../../errors.js';
import { writeNewFile } from '../../output.js';
import { PlatformCommand } from '../../platform-command.js';
import { timeText } from '../../words.js';

export default class AgentInvite extends PlatformCommand {
  static override summary = '签发一次性登记令牌 / issue a one-time enrolment token';
  static override description =
    '令牌交给部门技术人员,在前置机上用 enroll 登记;只能用一次,过期作废。\nGive the token to the department; it is used once, with `enroll` on the front-end machine.';
  static override examples = ['<%= config.bin %> agent invite mz-agent --department mz --out ./token'];
  static override args = {
    agent: Args.string({ required: true, description: '前置机标识 / id of the agent' }),
  };
  static override flags = {
    department: Flags.string({ required: true, summary: '所属部门 / department' }),
    minutes: Flags.integer({ default: 30, min: 1, max: 1440, summary: '有效分钟数 / minutes to live' }),
    out: Flags.string({ summary: '写入文件(0600),不显示 / write to a file (0600) and do not show it' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgentInvite);
    const body = { agent: args.agent, department: flags.department, minutes: flags.minutes };
    // A token that could not be written would be lost, and the one before it is void by then.
    if (flags.out && existsSync(flags.out)) throw cliErrors.FILE_EXISTS({ file: flags.out });
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.invite, { body }, this.signal),
    );
    if (flags.out) {
      await writeNewFile(flags.out, `${answer.token}\n`);
      this.log(
        this.say(
          `令牌已写入 ${flags.out},有效至 ${timeText(answer.expiresAt)};此前签发的作废`,
          `the token is in ${flags.out}, valid until ${timeText(answer.expiresAt)}; earlier ones are void`,
        ),
      );
      this.logToStderr(this.next);
      return { agent: answer.agent, expiresAt: answer.expiresAt, file: flags.out };
    }
    this.log(answer.token);
    this.logToStderr(
      this.say(
        `有效至 ${timeText(answer.expiresAt)};只显示这一次,此前签发的作废`,
        `valid until ${timeText(answer.expiresAt)}; shown only now; earlier ones are void`,
      ),
    );
    this.logToStderr(this.next);
    return answer;
  }

  private get next(): string {
    return this.say(
      '下一步,在前置机上:qianzhi enroll --token-file 令牌文件',
      'next, on the front-end machine: qianzhi enroll --token-file FILE',
    );
  }
}

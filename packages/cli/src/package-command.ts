import { currentLanguage, type PackageStatus } from '@qianzhi/model';
import { Flags } from '#oclif';
import { AgentCommand } from './agent-command.js';
import { timeText } from './words.js';

/** A command about packages, at an agent or, with `--platform`, as a signed-in person at the platform. */
export abstract class PackageCommand extends AgentCommand {
  static override baseFlags = {
    ...AgentCommand.baseFlags,
    platform: Flags.boolean({
      summary: '在平台一侧,以登录身份执行 / at the platform, as the person signed in',
      default: false,
    }),
    profile: Flags.string({
      summary: '登录身份的名称,见 login / which sign-in to use, see login',
      env: 'QZ_PROFILE',
      default: 'default',
    }),
  };

  /** What is on its way between two sides; whoever has to do something reads it here. */
  protected showStatus({ self, peer, sent, confirmed, outstanding, ...in_ }: PackageStatus): void {
    this.log(
      this.say(
        `${self} → ${peer}:已发到第 ${sent} 号,对方确认到第 ${confirmed} 号`,
        `${self} → ${peer}: laid out up to ${sent}, confirmed up to ${confirmed}`,
      ),
    );
    for (const { number, file, sentAt, bytes } of outstanding) {
      this.log(
        this.say(
          `  未确认 ${number}:${file}(${bytes} 字节,${timeText(sentAt)})`,
          `  outstanding ${number}: ${file} (${bytes} bytes, ${timeText(sentAt)})`,
        ),
      );
    }
    const at = timeText(in_.takenAt) ?? '—';
    this.log(
      this.say(
        `${peer} → ${self}:已收到第 ${in_.taken} 号(${at})`,
        `${peer} → ${self}: taken up to ${in_.taken} (${at})`,
      ),
    );
    for (const file of in_.waiting) this.log(this.say(`  等待 ${file}`, `  waiting: ${file}`));
    for (const number of in_.missing) {
      this.log(
        this.say(
          `  缺第 ${number} 号:请对方执行 qianzhi package export --again ${number}`,
          `  ${number} is missing: have the other side run \`qianzhi package export --again ${number}\``,
        ),
      );
    }
    for (const { file, at: when, problem } of in_.refused) {
      this.log(`  ✗ ${file} ${timeText(when)} ${problem.code}  ${problem.texts[currentLanguage()].message}`);
    }
  }
}

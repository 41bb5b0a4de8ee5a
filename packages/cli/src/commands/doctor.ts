import { AgentCommand } from '../agent-command.js';

const marks = { ok: '✓', warning: '!', failed: '✗', skipped: '–' } as const;

export default class Doctor extends AgentCommand {
  static override summary =
    '逐项检查前置机:配置、目录、登记、平台、连接器 / go through all that an agent needs';
  static override description =
    '退出码取最严重的一项;只有警告时为 0。\nThe exit code is that of the worst failure; 0 where there are only warnings.';
  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor --config /etc/qianzhi/agent.yaml --json',
  ];

  async run() {
    const { flags } = await this.parse(Doctor);
    const { diagnose, exitCodeOf } = await import('@qianzhi/agent');
    const findings = [];
    for await (const finding of diagnose(flags.config, this.signal)) {
      findings.push(finding);
      this.log(`${marks[finding.level]} ${finding.check.padEnd(14)} ${this.say(finding.zh, finding.en)}`);
      if (finding.error) this.log(`  → ${finding.error.hint}  (${finding.error.code})`);
    }
    const failed = findings.filter(({ level }) => level === 'failed').length;
    const warnings = findings.filter(({ level }) => level === 'warning').length;
    this.logToStderr(
      failed + warnings === 0
        ? this.say('一切正常', 'all is well')
        : this.say(`${failed} 项不通过,${warnings} 项警告`, `${failed} failed, ${warnings} to look at`),
    );
    process.exitCode = exitCodeOf(findings);
    return {
      ok: failed === 0,
      findings: findings.map(({ check, level, zh, en, error }) => ({
        check,
        level,
        text: this.say(zh, en),
        ...(error && { code: error.code, kind: error.kind, hint: error.hint }),
      })),
    };
  }
}

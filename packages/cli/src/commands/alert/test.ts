import { errorKinds } from '@qianzhi/model';
import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';

export default class AlertTest extends AgentCommand {
  static override summary = '经每个告警通道试发一条 / send a trial through each alert channel';
  static override description =
    '按配置文件发送,不必启动前置机;任一通道失败则退出码非零。\nSends by the config file, the agent need not run; the exit code is not zero when a channel fails.';
  static override examples = [
    '<%= config.bin %> alert test',
    '<%= config.bin %> alert test --channel mail:duty --json',
  ];
  static override flags = {
    channel: Flags.string({
      summary: '只试这一个:webhook:名称 或 mail:名称 / only this one: webhook:NAME or mail:NAME',
    }),
  };

  async run() {
    const { flags } = await this.parse(AlertTest);
    const { sendTrials } = await import('@qianzhi/agent');
    const channels = [];
    for await (const { channel, error } of sendTrials(flags.config, flags.channel, this.signal)) {
      channels.push({
        channel,
        ok: error === undefined,
        ...(error && { code: error.code, kind: error.kind, message: error.message, hint: error.hint }),
      });
      if (error) {
        process.exitCode = errorKinds[error.kind].exit;
        this.log(`✗ ${error.code}  ${error.message}\n  → ${error.hint}`);
      } else this.log(this.say(`✓ ${channel} 已送达`, `✓ ${channel} took it`));
    }
    return { ok: channels.every(({ ok }) => ok), channels };
  }
}

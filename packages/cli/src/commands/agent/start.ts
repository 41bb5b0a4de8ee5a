import { isQianzhiError } from '@qianzhi/model';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';
import { cliErrors } from '../../errors.js';
import { failpointOf } from '../../failpoint.js';

export default class AgentStart extends AgentCommand {
  static override summary = '启动前置机进程,直到 Ctrl-C / run the front-end process until Ctrl-C';
  static override description =
    '日志为每行一个 JSON,写到标准错误。平台暂时不可达时照常启动并等待。\nThe log goes to stderr, one JSON object a line. With the platform out of reach it starts and waits.\n改动配置后约两秒自动采用(SIGHUP 或 agent reload 立即);有误则照旧运行并记入日志。\nA changed config is taken within two seconds (at once by SIGHUP or agent reload); one that is wrong is logged and left alone.';
  static override examples = [
    '<%= config.bin %> agent start',
    '<%= config.bin %> agent start --config /etc/qianzhi/agent.yaml',
  ];

  async run() {
    const { flags } = await this.parse(AgentStart);
    this.logToStderr(this.say('正在启动前置机…', 'starting the agent…'));
    const hangUp = heedHangUp();
    const { startAgent } = await import('@qianzhi/agent');
    const agent = await startAgent(flags.config, this.signal, { failpoint: failpointOf(process.env) });
    hangUp.reload = agent.reload;
    if (hangUp.came) agent.reload();
    const { agent: name, link, exchanges, pid } = agent.status();
    this.logToStderr(
      this.say(
        `✓ 前置机 ${name} 已启动(进程 ${pid},交换 ${exchanges.length} 项,平台${link.online ? '在线' : '暂不可达,将自动重连'})`,
        `✓ agent ${name} runs (process ${pid}, ${counted(exchanges.length, 'exchange')}, platform ${link.online ? 'online' : 'out of reach, tried again by itself'})`,
      ),
    );
    const interrupted = new Promise<undefined>((resolve) => {
      if (this.signal.aborted) resolve(undefined);
      this.signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const reason = await Promise.race([agent.stopped, interrupted]);
    await agent.stop();
    if (reason !== undefined)
      throw isQianzhiError(reason) ? reason : cliErrors.AGENT_STOPPED({ reason: 'unknown' }, reason);
    this.logToStderr(this.say('前置机已停止', 'the agent has stopped'));
    return { agent: name, stopped: true };
  }
}

/** SIGHUP asks for a reload, and would end a process that does not listen yet: one that comes too early is remembered. */
function heedHangUp(): { came: boolean; reload?: () => void } {
  const heeded: ReturnType<typeof heedHangUp> = { came: false };
  // whoever closes the terminal of an agent in the foreground ends it
  if (!process.stdin.isTTY)
    process.on('SIGHUP', () => {
      heeded.came = true;
      heeded.reload?.();
    });
  return heeded;
}

import type { ConfigChanges } from '@qianzhi/agent/control';
import { AgentCommand } from '../../agent-command.js';
import { configHalt } from '../../status-text.js';

export default class AgentReload extends AgentCommand {
  static override summary =
    '让运行中的前置机重新读取配置与密钥文件 / have the running agent read config and secret files again';
  static override description = [
    '先整体检查:有一处不对则全不采用,照旧运行。connectors、exchanges、plugins、queries、webhooks 立即生效,正在运行的作业按原配置做完;其余各项须重启,会逐项说明。',
    '改动 agent.yaml 后约两秒自动采用,不必执行本命令;密钥文件或业务系统接口的证书文件改变后需要执行。向进程发 SIGHUP 作用相同。',
    'All of it is checked first: one thing wrong, and the agent goes on as before. connectors, exchanges, plugins, queries and webhooks are in force at once, and jobs that run end by what they began with; what needs a restart is named.',
    'A changed agent.yaml is noticed within some two seconds without this command; it is needed after the content of a secret file, or of the certificate of the API for business systems, changed. SIGHUP does the same.',
  ].join('\n');
  static override examples = ['<%= config.bin %> agent reload'];

  async run() {
    const { flags } = await this.parse(AgentReload);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const report = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.reload, {}, this.signal),
    );
    this.log(this.say(`✓ 已采用 ${report.config.file}`, `✓ ${report.config.file} is in force`));
    this.show(this.say('连接器', 'connectors'), report.connectors);
    this.show(this.say('交换作业', 'exchanges'), report.exchanges);
    if (isChanged(report.queries)) this.show(this.say('查询服务', 'queries'), report.queries);
    if (isChanged(report.webhooks)) this.show('webhook', report.webhooks);
    const halt = configHalt(report.config);
    if (halt) this.logToStderr(halt);
    return report;
  }

  private show(what: string, { added, changed, removed }: ConfigChanges): void {
    const parts = [
      [this.say('新增', 'added'), added],
      [this.say('改变', 'changed'), changed],
      [this.say('移除', 'removed'), removed],
    ] as const;
    const told = parts
      .filter(([, names]) => names.length > 0)
      .map(([how, names]) => `${how} ${names.join(', ')}`);
    const text = told.join(this.say(';', '; ')) || this.say('不变', 'as before');
    this.log(`  ${what}${this.say(':', ': ')}${text}`);
  }
}

function isChanged(changes: ConfigChanges): boolean {
  return Object.values(changes).some((names) => names.length > 0);
}

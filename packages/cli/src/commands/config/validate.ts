import { resolve } from 'node:path';
import { errorKinds, type QianzhiError } from '@qianzhi/model';
import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';

interface Finding {
  readonly line: number;
  readonly where: string;
  readonly error: QianzhiError;
}

export default class ConfigValidate extends AgentCommand {
  static override summary =
    '检查配置文件,列出全部问题及行号 / check a config file and list all that is wrong, with lines';
  static override description =
    '不打开任何连接。检查:语法、结构、密钥引用、名称引用、插件及其各部分。\nOpens no connection. Checked: syntax, shape, secrets, references, plugins and their parts.';
  static override examples = [
    '<%= config.bin %> config validate',
    '<%= config.bin %> config validate --config /etc/qianzhi/agent.yaml --json',
    '<%= config.bin %> config validate --platform --config platform.yaml',
  ];
  static override flags = {
    platform: Flags.boolean({ summary: '文件是平台的配置 / the file is a platform config' }),
  };

  async run() {
    const { flags } = await this.parse(ConfigValidate);
    const file = resolve(flags.config);
    const findings = flags.platform ? await this.platformFindings(file) : await this.agentFindings(file);
    for (const { line, where, error } of findings) {
      this.log(`✗ ${file}:${line}  ${where}  ${error.code}  ${error.message}`);
      this.log(`  → ${error.hint}`);
    }
    const [first] = findings;
    if (first) process.exitCode = errorKinds[first.error.kind].exit;
    else this.log(this.say(`✓ ${file} 正确`, `✓ ${file} is right`));
    return {
      file,
      ok: findings.length === 0,
      findings: findings.map(({ line, where, error: { code, kind, message, hint } }) => ({
        line,
        where,
        code,
        kind,
        message,
        hint,
      })),
    };
  }

  private async agentFindings(file: string): Promise<readonly Finding[]> {
    const { checkConfig } = await import('@qianzhi/agent');
    return (await checkConfig(file)).findings;
  }

  private async platformFindings(file: string): Promise<readonly Finding[]> {
    const { checkPlatformConfig } = await import('../../platform-config.js');
    return checkPlatformConfig(file);
  }
}

import { readFile } from 'node:fs/promises';
import { addressShape, isPlatformAddress } from '@qianzhi/client';
import { Flags } from '#oclif';
import { AgentCommand } from '../agent-command.js';
import { cliErrors } from '../errors.js';
import { writeNewFile } from '../output.js';

const TEMPLATE = new URL('../../templates/agent.yaml', import.meta.url);

export default class Init extends AgentCommand {
  static override summary = '生成带注释的 agent.yaml / write a commented agent.yaml';
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --url http://10.1.2.3:8340 --config /etc/qianzhi/agent.yaml',
  ];
  static override flags = {
    url: Flags.string({ default: 'http://127.0.0.1:8340', summary: '平台地址 / address of the platform' }),
  };

  async run() {
    const { flags } = await this.parse(Init);
    if (!isPlatformAddress(flags.url))
      throw cliErrors.FLAG_WRONG({ flag: '--url', value: flags.url, shape: addressShape });
    const template = await readFile(TEMPLATE, 'utf8');
    await writeNewFile(flags.config, template.replace('http://127.0.0.1:8340', flags.url), 0o644);
    this.log(
      this.say(
        `已生成 ${flags.config};下一步:qianzhi enroll --token-file 令牌文件`,
        `wrote ${flags.config}; next: qianzhi enroll --token-file FILE`,
      ),
    );
    return { file: flags.config };
  }
}

import { Flags } from '#oclif';
import { AgentCommand } from '../agent-command.js';
import { readSecret } from '../input.js';

export default class Enroll extends AgentCommand {
  static override summary = '以一次性令牌登记本前置机 / enrol this agent with a one-time token';
  static override description =
    '密钥在本机生成,私钥不离开状态目录。平台须出示令牌所载的密钥。\nKeys are made here and the private one never leaves the state folder. The platform must show the key the token names.';
  static override examples = [
    '<%= config.bin %> enroll --token-file ./token',
    'cat token | <%= config.bin %> enroll --token-file - --config /etc/qianzhi/agent.yaml',
  ];
  static override flags = {
    'token-file': Flags.string({
      summary: '令牌文件,- 为标准输入 / file with the token, - for standard input',
    }),
    url: Flags.string({
      summary: '平台地址,默认取配置 / address of the platform; from the config unless given',
    }),
  };

  async run() {
    const { flags } = await this.parse(Enroll);
    const { enrol, readPlace } = await import('@qianzhi/agent');
    const place = await readPlace(flags.config);
    const token = await readSecret({
      file: flags['token-file'],
      prompt: this.say('登记令牌', 'enrolment token'),
      what: this.say('登记令牌', 'the enrolment token'),
      flag: '--token-file',
    });
    const url = flags.url ?? place.url;
    const identity = await enrol({ stateDir: place.stateDir, token, ...(url && { url }) }, this.signal);
    const { agent, department, departmentName, keyId } = identity;
    this.log(
      this.say(
        `已登记:${agent}(${departmentName}),密钥 ${keyId};下一步:qianzhi agent start`,
        `enrolled ${agent} of ${departmentName}, key ${keyId}; next: qianzhi agent start`,
      ),
    );
    return {
      agent,
      department,
      departmentName,
      keyId,
      platformKeys: identity.platformKeys.map((key) => key.keyId),
    };
  }
}

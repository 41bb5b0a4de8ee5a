import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { writeNewFile } from '../../output.js';

export default class ApiOpenapi extends AgentCommand {
  static override summary = '业务系统接口的 OpenAPI 3.1 文档 / OpenAPI 3.1 of the API for business systems';
  static override description =
    '按目录生成:本前置机可推送、可读取、可查询的资源各有路径与数据结构。与 GET /api/v1/openapi.json 相同,后者只含该密钥有权的部分。\nMade from the catalog: paths and shapes of each resource that may be pushed, read or queried here. GET /api/v1/openapi.json gives the part that a key may use.';
  static override examples = [
    '<%= config.bin %> api openapi --out openapi.json',
    '<%= config.bin %> api openapi > openapi.json',
  ];
  static override flags = {
    out: Flags.string({ summary: '写入新文件;不给则输出 / write a new file instead of printing it' }),
  };

  async run() {
    const { flags } = await this.parse(ApiOpenapi);
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const document = await this.withAgent(flags.config, (agent) =>
      agent.call(controlRoutes.openapi, {}, this.signal),
    );
    const text = JSON.stringify(document, null, 2);
    if (flags.out === undefined) {
      this.log(text);
      return document;
    }
    await writeNewFile(flags.out, `${text}\n`, 0o644);
    this.log(this.say(`✓ 已写入 ${flags.out}`, `✓ wrote ${flags.out}`));
    return { file: flags.out };
  }
}

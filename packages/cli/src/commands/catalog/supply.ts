import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogSupply extends PlatformCommand {
  static override summary = '挂接:指定供数前置机 / order an agent to supply the resource';
  static override examples = ['<%= config.bin %> catalog supply social_group --agent mz-agent'];
  static override args = { code: Args.string({ required: true, description: '资源代码 / resource code' }) };
  static override flags = {
    agent: Flags.string({ required: true, summary: '本部门的前置机 / an agent of the own department' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogSupply);
    const entry = await this.withPlatform(flags.profile, (client) =>
      client.call(
        personRoutes.assignSupply,
        { params: { code: args.code }, body: { agent: flags.agent } },
        this.signal,
      ),
    );
    this.log(
      this.say(
        `${args.code} 由 ${entry.suppliers.join('、')} 供数`,
        `${args.code} is supplied by ${entry.suppliers.join(', ')}`,
      ),
    );
    this.logToStderr(
      this.say(
        `下一步,在前置机上:qianzhi exchange add --supply ${args.code};运行中的前置机执行 qianzhi agent sync 立即取得任务`,
        `next, on its machine: qianzhi exchange add --supply ${args.code}; a running agent gets its order at once with qianzhi agent sync`,
      ),
    );
    return entry;
  }
}

import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';

export default class CatalogDecideSource extends PlatformCommand {
  static override summary = '主管部门确定责任来源 (R039) / name the responsible source of duplicate supply';
  static override examples = [
    '<%= config.bin %> catalog decide-source social_group group_tax --responsible social_group --note 登记机关为民政局',
    '<%= config.bin %> catalog decide-source social_group group_tax --both --note 口径不同',
  ];
  static override args = {
    first: Args.string({ required: true, description: '资源代码 / resource code' }),
    second: Args.string({ required: true, description: '资源代码 / resource code' }),
  };
  static override flags = {
    responsible: Flags.string({
      summary: '责任来源:两者之一 / the responsible source, one of the two',
      exactlyOne: ['responsible', 'both'],
    }),
    both: Flags.boolean({ summary: '两者并存 / both go on' }),
    note: Flags.string({ required: true, summary: '理由 / reason' }),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogDecideSource);
    const body = { ...args, responsible: flags.responsible ?? null, note: flags.note };
    const decided = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.decideSource, { body }, this.signal),
    );
    this.log(
      this.say(
        `已记录责任来源:${decided.decision?.responsible ?? '两者并存'}`,
        `recorded the responsible source: ${decided.decision?.responsible ?? 'both go on'}`,
      ),
    );
    return decided;
  }
}

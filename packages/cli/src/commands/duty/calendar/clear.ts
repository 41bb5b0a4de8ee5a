import { Args } from '@oclif/core';
import { personRoutes } from '@qianzhi/model';
import { dutyColumns, recountText } from '../../../duty/duty-text.js';
import { PlatformCommand } from '../../../platform-command.js';

export default class DutyCalendarClear extends PlatformCommand {
  static override summary = '撤销对某一天的规定 / take back what was set for one day';
  static override examples = ['<%= config.bin %> duty calendar clear 2026-08-14'];
  static override args = {
    day: Args.string({ required: true, description: '日期,如 2026-08-14 / day' }),
  };

  async run() {
    const { args, flags } = await this.parse(DutyCalendarClear);
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.clearDay, { params: { day: args.day } }, this.signal),
    );
    this.log(this.say(`${args.day} 的规定已撤销`, `what was set for ${args.day} is taken back`));
    this.log(recountText(answer.recounted));
    this.table(answer.recounted, dutyColumns());
    return { day: args.day, ...answer };
  }
}

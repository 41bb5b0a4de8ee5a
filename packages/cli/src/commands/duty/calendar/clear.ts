import { personRoutes } from '@qianzhi/model';
import { Args } from '#oclif';
import { requireDay } from '../../../day-text.js';
import { CalendarCommand } from '../../../duty/calendar-command.js';

export default class DutyCalendarClear extends CalendarCommand {
  static override summary = '撤销对某一天的规定 / take back what was set for one day';
  static override examples = ['<%= config.bin %> duty calendar clear 2026-08-14'];
  static override args = {
    day: Args.string({ required: true, description: '日期,如 2026-08-14 / day' }),
  };

  async run() {
    const { args, flags } = await this.parse(DutyCalendarClear);
    const day = requireDay('DAY', args.day);
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.clearDay, { params: { day } }, this.signal),
    );
    this.log(this.say(`${day} 的规定已撤销`, `what was set for ${day} is taken back`));
    this.tellRecounted(answer.recounted);
    return { day, ...answer };
  }
}

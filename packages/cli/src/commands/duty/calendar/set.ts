import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { requireDay } from '../../../day-text.js';
import { CalendarCommand } from '../../../duty/calendar-command.js';

export default class DutyCalendarSet extends CalendarCommand {
  static override summary = '单独规定某一天上班或休息 / set one day apart as worked or off';
  static override examples = [
    '<%= config.bin %> duty calendar set 2026-08-14 --off --reason 台风停工',
    '<%= config.bin %> duty calendar set 2026-08-15 --work --reason 补班',
  ];
  static override args = {
    day: Args.string({ required: true, description: '日期,如 2026-08-14 / day' }),
  };
  static override flags = {
    work: Flags.boolean({ summary: '上班 / worked', exactlyOne: ['work', 'off'] }),
    off: Flags.boolean({ summary: '休息 / off', exactlyOne: ['work', 'off'] }),
    reason: Flags.string({ required: true, summary: '原因 / reason' }),
  };

  async run() {
    const { args, flags } = await this.parse(DutyCalendarSet);
    const day = requireDay('DAY', args.day);
    const body = { day, work: !flags.off, reason: flags.reason };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.overrideDay, { params: { day }, body }, this.signal),
    );
    this.log(
      body.work
        ? this.say(`${day} 已定为工作日`, `${day} is a working day`)
        : this.say(`${day} 已定为休息日`, `${day} is a day off`),
    );
    this.tellRecounted(answer.recounted);
    return { ...body, ...answer };
  }
}

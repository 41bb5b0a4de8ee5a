import { personRoutes } from '@qianzhi/model';
import { PlatformCommand } from '../../../platform-command.js';
import { timeText } from '../../../words.js';

export default class DutyCalendarShow extends PlatformCommand {
  static override summary = '录入的工作日历 / what was entered of the working-day calendar';
  static override examples = ['<%= config.bin %> duty calendar show'];

  async run() {
    const { flags } = await this.parse(DutyCalendarShow);
    const calendar = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.showCalendar, {}, this.signal),
    );
    const known = calendar.covered.join(this.say('、', ', ')) || this.say('无', 'none');
    this.log(
      this.say(
        `今后三年中安排已知的:${known}(程序自带 2004–2026;其余须录入:duty calendar enter)`,
        `known of this year and the next two: ${known} (2004–2026 come with the program; enter others: duty calendar enter)`,
      ),
    );
    if (calendar.years.length + calendar.overrides.length === 0) return calendar;
    this.table(calendar.years, [
      { name: this.say('年份', 'year'), value: (row) => String(row.year) },
      { name: this.say('来源', 'source'), value: (row) => row.source },
      { name: this.say('放假日', 'days off'), value: (row) => row.holidays.length },
      { name: this.say('调休上班', 'weekends worked'), value: (row) => row.workdays.length },
      { name: this.say('录入人', 'by'), value: (row) => row.enteredBy },
      { name: this.say('录入于', 'at'), value: (row) => timeText(row.enteredAt) },
    ]);
    this.table(calendar.overrides, [
      { name: this.say('日期', 'day'), value: (row) => row.day },
      {
        name: this.say('规定', 'set as'),
        value: (row) => (row.work ? this.say('上班', 'worked') : this.say('休息', 'off')),
      },
      { name: this.say('原因', 'reason'), value: (row) => row.reason },
      { name: this.say('录入人', 'by'), value: (row) => row.enteredBy },
      { name: this.say('录入于', 'at'), value: (row) => timeText(row.enteredAt) },
    ]);
    return calendar;
  }
}

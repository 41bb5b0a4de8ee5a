import { checkShape, personRoutes, type YearArrangement, YearArrangementSchema } from '@qianzhi/model';
import { Args } from '#oclif';
import { CalendarCommand } from '../../../duty/calendar-command.js';
import { readYamlAs } from '../../../yaml-file.js';

export default class DutyCalendarEnter extends CalendarCommand {
  static override summary =
    '录入一年的节假日安排,暂定期限随即重算 / enter the arrangement of a year; open duties are counted again';
  static override description =
    '文件为 YAML:year 年份,source 通知的文号,holidays 放假的每一天,workdays 调休上班的周末。\nThe file is YAML: year, source (the notice), holidays (every day off), workdays (weekend days that are worked).';
  static override examples = ['<%= config.bin %> duty calendar enter 2027.yaml'];
  static override args = { file: Args.string({ required: true, description: '文件 / file; - : stdin' }) };

  async run() {
    const { args, flags } = await this.parse(DutyCalendarEnter);
    const body: YearArrangement = await readYamlAs(args.file, (value) =>
      checkShape(YearArrangementSchema, value, 'YearArrangement'),
    );
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.enterYear, { params: { year: body.year }, body }, this.signal),
    );
    const { year, source } = body;
    this.log(this.say(`已录入 ${year} 年安排(${source})`, `entered the arrangement of ${year} (${source})`));
    this.tellRecounted(answer.recounted);
    return { year, ...answer };
  }
}

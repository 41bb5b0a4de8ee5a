import { personRoutes } from '@qianzhi/model';
import { Args } from '#oclif';
import { dutyColumns } from '../../duty/duty-text.js';
import { PlatformCommand } from '../../platform-command.js';

export default class DutyShow extends PlatformCommand {
  static override summary = '一项职责期限 / one duty';
  static override examples = ['<%= config.bin %> duty show DUTY'];
  static override args = { duty: Args.string({ required: true, description: '编号 / id of the duty' }) };

  async run() {
    const { args, flags } = await this.parse(DutyShow);
    const duty = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.showDuty, { params: { id: args.duty } }, this.signal),
    );
    this.table([duty], dutyColumns());
    if (duty.standing === 'calendar-missing') {
      const years = duty.provisionalYears.join(', ');
      this.log(
        this.say(
          `${years} 年的节假日安排尚未录入:录入后才能确定是否逾期(qianzhi duty calendar enter 文件)`,
          `the arrangement of ${years} is not entered; whether it is overdue is known after that (qianzhi duty calendar enter FILE)`,
        ),
      );
    }
    return duty;
  }
}

import { personRoutes } from '@qianzhi/model';
import { Args } from '#oclif';
import { dueText, dutyWord, kindText } from '../../duty/duty-text.js';
import { PlatformCommand } from '../../platform-command.js';
import { timeText } from '../../words.js';

export default class DutyHistory extends PlatformCommand {
  static override summary = '一项职责期限的全部经过 / everything that happened to a duty';
  static override examples = ['<%= config.bin %> duty history DUTY'];
  static override args = { duty: Args.string({ required: true, description: '编号 / id of the duty' }) };

  async run() {
    const { args, flags } = await this.parse(DutyHistory);
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.dutyHistory, { params: { id: args.duty } }, this.signal),
    );
    this.log(`${kindText(answer.duty.kind)}  ${answer.duty.object}  ${dutyWord(answer.duty.standing)}`);
    this.table(answer.events, [
      { name: this.say('日期', 'day'), value: (row) => row.day },
      { name: this.say('经过', 'event'), value: (row) => dutyWord(row.event) },
      { name: this.say('期限', 'due'), value: dueText },
      { name: this.say('由', 'by'), value: (row) => row.actor },
      { name: this.say('说明', 'note'), value: (row) => row.note },
      { name: this.say('记录于', 'recorded'), value: (row) => timeText(row.at) },
    ]);
    return answer;
  }
}

import type { DutyView } from '@qianzhi/model';
import { PlatformCommand } from '../platform-command.js';
import { dutyColumns } from './duty-text.js';

/** A command that changes the calendar, and says which duties that moved. */
export abstract class CalendarCommand extends PlatformCommand {
  protected announce(done: string, recounted: readonly DutyView[]): void {
    this.log(done);
    this.log(
      this.say(`重算了 ${recounted.length} 项职责期限`, `${recounted.length} duties were counted again`),
    );
    if (recounted.length > 0) this.table(recounted, dutyColumns());
  }
}

import type { DutyView } from '@qianzhi/model';
import { PlatformCommand } from '../platform-command.js';
import { dutyColumns, recountText } from './duty-text.js';

/** Changes the working-day calendar, and tells which duties moved by that. */
export abstract class CalendarCommand extends PlatformCommand {
  // oclif's manifest stops looking upward at a class without statics of its own, and --json would be lost
  static override baseFlags = PlatformCommand.baseFlags;

  protected tellRecounted(duties: readonly DutyView[]): void {
    this.log(recountText(duties));
    if (duties.length > 0) this.table(duties, dutyColumns());
  }
}

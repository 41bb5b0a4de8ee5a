import type { Exchange } from '@qianzhi/model';
import { Cron } from 'croner';
import { batchDownloadErrors } from './errors.js';

/** Schedules are written in the time of Asia/Shanghai, which has no summer time; its name would load 8 MB of ICU's data. */
const utcOffset = 480;

/** Undefined for an exchange that only runs by hand. Throws QZ_DOWNLOAD_CRON_WRONG. */
export function slotsOf({ name: exchange, schedule }: Exchange): Cron | undefined {
  const cron = schedule?.cron;
  if (cron === undefined) return undefined;
  try {
    return new Cron(cron, { utcOffset, paused: true, mode: '5-or-6-parts' });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw batchDownloadErrors.CRON_WRONG({ exchange, cron, problem }, cause);
  }
}

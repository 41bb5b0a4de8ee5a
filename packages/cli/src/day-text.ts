import type { LocalText } from '@qianzhi/model';
import { isCalendarDay } from '@qianzhi/model/calendar';
import { cliErrors } from './errors.js';

const shape: LocalText = { zh: '日期,如 2026-12-31', en: 'a day, such as 2026-12-31' };

/** A day of the calendar as it was typed. Throws QZ_CLI_FLAG_WRONG. */
export function requireDay(flag: string, text: string): string {
  if (!isCalendarDay(text)) throw cliErrors.FLAG_WRONG({ flag, value: text, shape });
  return text;
}

/** Until when something holds: a moment with its zone as it is, of a day its end in China. Throws QZ_CLI_FLAG_WRONG. */
export function untilTime(flag: string, text: string): string {
  if (/T.*(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  return `${requireDay(flag, text)}T23:59:59+08:00`;
}

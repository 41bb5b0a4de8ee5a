const DAY_MS = 86_400_000;
const JANUARY_1900 = Date.UTC(1899, 11, 31);
const JANUARY_1904 = Date.UTC(1904, 0, 1);
/** 29 February 1900, which never was: all later days are counted one too high. */
const NO_SUCH_DAY = 60;
const LAST_DAY = 2_958_465;

/** Built-in formats of dates and times (ECMA-376 part 1, 18.8.30), those of Chinese Excel included. */
function isBuiltInDate(id: number): boolean {
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

/** Whether a number format shows a date or a time of day. Text in quotes, colours and conditions say nothing. */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return isBuiltInDate(id);
  const [shown = ''] = code.replace(/"[^"]*"|\\.|_.|\*./g, '').split(';');
  if (/\[(h+|m+|s+)\]/i.test(shown)) return false;
  const bare = shown.replace(/\[[^\]]*\]/g, '');
  return !/general/i.test(bare) && /[ymdhs年月日时分秒]/i.test(bare);
}

/**
 * The wall clock that a day number stands for, to the millisecond: a date where the time of day is midnight, a time of day alone
 * below 1. Undefined for what is no date.
 */
export function dateOf(serial: number, from1904: boolean): string | undefined {
  if (!(serial >= 0) || serial > LAST_DAY + 1) return undefined;
  let day = Math.floor(serial);
  let ms = Math.round((serial - day) * DAY_MS);
  if (ms === DAY_MS) {
    day++;
    ms = 0;
  }
  const time = new Date(ms)
    .toISOString()
    .slice(11, 23)
    .replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros));
  const clock = time.length > 8 ? time.replace(/0+$/, '') : time;
  if (!from1904 && day === 0) return clock;
  if (!from1904 && day === NO_SUCH_DAY) return undefined;
  const days = from1904 ? day : day > NO_SUCH_DAY ? day - 2 : day - 1;
  const date = new Date((from1904 ? JANUARY_1904 : JANUARY_1900 + DAY_MS) + days * DAY_MS)
    .toISOString()
    .slice(0, 10);
  return ms === 0 ? date : `${date} ${clock}`;
}

/** Digits that Excel keeps and shows. */
const DIGITS = 15;

/**
 * A number as Excel shows it in full: 15 digits, so that 0.1 + 0.2 is 0.3 and 1.1, which is stored as 1.1000000000000001, is 1.1. A
 * whole number that a double holds exactly keeps all its digits.
 */
export function numberText(stored: string): string {
  const value = Number(stored);
  if (stored === '' || !Number.isFinite(value)) return stored;
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '0' : String(value);
  return String(Number(value.toPrecision(DIGITS)));
}

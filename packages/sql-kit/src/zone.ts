const HOUR = 3_600_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** From here on every zone's rules change on quarters of an hour; before, local mean times end at any second. */
const ON_QUARTERS = Date.UTC(1973, 0, 1);

/** Offset of a zone from UTC at an instant, in ms. */
export function offsetAt(epochMs: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const step = epochMs < ON_QUARTERS ? 1000 : HOUR / 4;
  const at = Math.floor(epochMs / step) * step;
  const key = `${zone} ${at}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  );
  const number = (type: string) => Number(parts[type]);
  const wall = new Date(0);
  // Date.UTC takes the years 0 to 99 for those of the last century
  wall.setUTCFullYear(
    parts.era === 'B' ? 1 - number('year') : number('year'),
    number('month') - 1,
    number('day'),
  );
  wall.setUTCHours(number('hour'), number('minute'), number('second'));
  if (offsets.size > 20_000) offsets.clear();
  offsets.set(key, wall.getTime() - at);
  return wall.getTime() - at;
}

/** Throws a RangeError for a zone that is not in the IANA list. */
export function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'narrow',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

/** Wall-clock text `YYYY-MM-DD HH:MM:SS.mmm` of an instant in a zone. */
export function wallText(epochMs: number, zone: string): string {
  return new Date(epochMs + offsetAt(epochMs, zone)).toISOString().slice(0, 23).replace('T', ' ');
}

const WALL = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?$/;

/** Canonical wall-clock text of a zone as an instant in UTC, `…+00`; fractions stay as they are. Undefined if it is no wall-clock text, or the instant lies outside the years 0001 to 9999. */
export function instantText(wall: string, zone: string): string | undefined {
  const match = WALL.exec(wall);
  if (!match) return undefined;
  const asUtc = Date.parse(`${match[1]}T${match[2]}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // the offset at the guessed instant; once more, because the guess may lie across a change of offset
  const guess = asUtc - offsetAt(asUtc, zone);
  const epochMs = asUtc - offsetAt(guess, zone);
  const text = inCarriedYears(new Date(epochMs).toISOString());
  return text && `${text.slice(0, 10)} ${text.slice(11, 19)}${match[3] ?? ''}+00`;
}

/** Other years than 0001 to 9999 have more digits or none of their own. */
function inCarriedYears(text: string): string | undefined {
  return /^(?!0000)\d{4}-/.test(text) ? text : undefined;
}

const INSTANT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?\+00$/;

/** Canonical instant text as wall-clock text of a zone; fractions stay as they are. Undefined if it is no instant, or its wall clock lies outside the years 0001 to 9999. */
export function wallOf(instant: string, zone: string): string | undefined {
  const match = INSTANT.exec(instant);
  if (!match) return undefined;
  const epochMs = Date.parse(`${match[1]}T${match[2]}Z`);
  if (Number.isNaN(epochMs)) return undefined;
  const text = inCarriedYears(wallText(epochMs, zone));
  return text && text.slice(0, 19) + (match[3] ?? '');
}

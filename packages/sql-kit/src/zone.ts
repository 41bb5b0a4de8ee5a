const HOUR = 3_600_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** Offset of a zone from UTC at an instant, in ms; by quarter hour, because zone rules change on quarters. */
export function offsetAt(epochMs: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const quarter = Math.floor(epochMs / (HOUR / 4));
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const at = quarter * (HOUR / 4);
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map((p) => [p.type, Number(p.value)]),
  );
  const wall = Date.UTC(
    parts.year!,
    parts.month! - 1,
    parts.day!,
    parts.hour! % 24,
    parts.minute!,
    parts.second!,
  );
  if (offsets.size > 20_000) offsets.clear();
  offsets.set(key, wall - at);
  return wall - at;
}

/** Throws a RangeError for a zone that is not in the IANA list. */
export function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
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

/** Canonical wall-clock text of a zone as an instant in UTC, `…+00`; fractions stay as they are. Undefined if it is no wall-clock text. */
export function instantText(wall: string, zone: string): string | undefined {
  const match = WALL.exec(wall);
  if (!match) return undefined;
  const asUtc = Date.parse(`${match[1]}T${match[2]}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // the offset at the guessed instant; once more, because the guess may lie across a change of offset
  const guess = asUtc - offsetAt(asUtc, zone);
  const epochMs = asUtc - offsetAt(guess, zone);
  const text = new Date(epochMs).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${match[3] ?? ''}+00`;
}

const INSTANT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?\+00$/;

/** Canonical instant text as wall-clock text of a zone; fractions stay as they are. Undefined if it is no instant. */
export function wallOf(instant: string, zone: string): string | undefined {
  const match = INSTANT.exec(instant);
  if (!match) return undefined;
  const epochMs = Date.parse(`${match[1]}T${match[2]}Z`);
  return Number.isNaN(epochMs) ? undefined : wallText(epochMs, zone).slice(0, 19) + (match[3] ?? '');
}

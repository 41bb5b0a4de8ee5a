import { hash } from 'node:crypto';
import { keyOf } from '@qianzhi/rows';
import type { FlagPlace } from './checkpoint.js';
import type { FlagRange } from './flag.js';

/** So many rows a checkpoint names; more are carried once more after a restart, which a target finds unchanged. */
const SEEN_ROWS = 16_384;
/** So many ranges a checkpoint names: one for each read that picked something up since the last receipt. */
const SEEN_RANGES = 64;

/** A range, and the number of the block that carried it; 0 for those of a place of another source. */
type PickedRange = FlagRange & { readonly at: number };

/**
 * Rows that were picked up and are not known to be done: of each key the digest of what was carried last, and the number of its
 * block. A key that got its old content back under way is carried again.
 */
export function openPicked(keyFields: readonly number[], place?: FlagPlace) {
  const rows = new Map<string, { readonly content: string; readonly at: number }>();
  let ranges: PickedRange[] = [];
  if (place) {
    const seen = Buffer.from(place.seen, 'base64').toString('latin1');
    for (let from = 0; from < seen.length; from += KEY_BYTES + CONTENT_BYTES) {
      const content = seen.slice(from + KEY_BYTES, from + KEY_BYTES + CONTENT_BYTES);
      rows.set(seen.slice(from, from + KEY_BYTES), { content, at: 0 });
    }
    ranges = place.ranges.map(({ after, upTo }) => ({ at: 0, after, upTo }));
  }
  const keyDigest = (row: Uint8Array) => digest(keyOf(row, keyFields), KEY_BYTES);
  const drop = (goes: (at: number) => boolean) => {
    ranges = ranges.filter(({ at }) => !goes(at));
    for (const [key, { at }] of rows) if (goes(at)) rows.delete(key);
  };
  return {
    get size() {
      return rows.size;
    },
    /** Remembers a row. True where it was not picked up before, or by this very block. */
    isNew(row: Uint8Array, at: number): boolean {
      const key = keyDigest(row);
      const content = digest(row, CONTENT_BYTES);
      const before = rows.get(key);
      if (before?.content === content) return before.at === at;
      rows.set(key, { content, at });
      return true;
    },
    /** Whether this very row was carried by a block up to `last`. */
    has(row: Uint8Array, last: number): boolean {
      const found = rows.get(keyDigest(row));
      return found !== undefined && found.at <= last && found.content === digest(row, CONTENT_BYTES);
    },
    add(range: PickedRange): void {
      ranges.push(range);
    },
    rangesUpTo: (last: number): readonly FlagRange[] => ranges.filter(({ at }) => at <= last),
    keepUpTo: (last: number) => drop((at) => at > last),
    forgetUpTo: (last: number) => drop((at) => at <= last),
    /** For a checkpoint. Where there is too much to be named nothing is: all is read again then. */
    named(): Pick<FlagPlace, 'seen' | 'ranges'> {
      const joined = joinedRanges(ranges);
      if (joined.length > SEEN_RANGES) return { seen: '', ranges: [] };
      const digests = [...rows].slice(-SEEN_ROWS).map(([key, { content }]) => key + content);
      return { seen: Buffer.from(digests.join(''), 'latin1').toString('base64'), ranges: joined };
    },
  };
}

/** Blocks of one read follow each other. */
function joinedRanges(ranges: readonly PickedRange[]): FlagPlace['ranges'] {
  const joined: { after: FlagRange['after']; upTo: FlagRange['upTo'] }[] = [];
  for (const { after, upTo } of ranges) {
    const last = joined.at(-1);
    if (last && after !== undefined && last.upTo.join('\n') === after.join('\n')) last.upTo = upTo;
    else joined.push({ after, upTo });
  }
  return joined;
}

const KEY_BYTES = 8;
const CONTENT_BYTES = 12;

function digest(bytes: Uint8Array | string, length: number): string {
  return hash('sha256', bytes, 'binary').slice(0, length);
}

/** When the next batch of a run that stays open may be cut. */
export interface Pace {
  /** A batch was cut that will have this place in its stream. */
  cut(seq: number, now: number): void;
  /** Milliseconds until the next may be cut; undefined: not before a receipt comes. */
  nextIn(stream: { readonly seq: number; readonly receipted: number }, now: number): number | undefined;
}

/** A line is long where no receipt of late came sooner. */
const LONG_LINE_MS = 80;
const RECEIPTS_LOOKED_AT = 16;
/** On a long line. */
const MOST_WITHOUT_RECEIPT = 4;
/** So many times the soonest receipt of late lie between two batches: what follows a receipt, up to the target, takes about as long again, but not of the same processes. */
const LINES_APART = 1.5;
const MOST_APART_MS = LONG_LINE_MS / MOST_WITHOUT_RECEIPT;

/**
 * A change that comes alone is cut at once; what comes while a batch is without receipt, and for half as long again, shares the next one. So
 * their number follows what both sides and the line between them bear: a machine near its limit gets fewer and larger ones and has time left
 * for the rest of their way, and nothing waits behind others. A long line carries several.
 */
export function createPace(): Pace {
  const underWay: { readonly seq: number; readonly at: number }[] = [];
  const took: number[] = [];
  let cutAt = Number.NEGATIVE_INFINITY;

  function forgetReceipted(receipted: number, now: number): void {
    while (underWay.length > 0 && underWay[0]!.seq <= receipted) {
      took.push(now - underWay.shift()!.at);
      if (took.length > RECEIPTS_LOOKED_AT) took.shift();
    }
  }

  return {
    cut(seq, now) {
      cutAt = now;
      underWay.push({ seq, at: now });
    },
    nextIn({ seq, receipted }, now) {
      forgetReceipted(receipted, now);
      const line = Math.min(...took);
      const after = (ms: number) => Math.max(0, cutAt + ms - now);
      const withoutReceipt = seq - receipted;
      if (withoutReceipt <= 0) return after(Math.min(LINES_APART * line, MOST_APART_MS));
      if (took.length === 0 || line < LONG_LINE_MS || withoutReceipt >= MOST_WITHOUT_RECEIPT)
        return undefined;
      return after(line / MOST_WITHOUT_RECEIPT);
    },
  };
}

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

/**
 * A batch is cut at once while none is without receipt; what comes meanwhile shares the next one. So their number follows what both sides and
 * the line between them bear: at its limit a machine gets fewer and larger ones, and nothing waits behind others. A long line carries several.
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
      const withoutReceipt = seq - receipted;
      if (withoutReceipt <= 0) return 0;
      const line = Math.min(...took);
      if (took.length === 0 || line < LONG_LINE_MS || withoutReceipt >= MOST_WITHOUT_RECEIPT)
        return undefined;
      return Math.max(0, cutAt + line / MOST_WITHOUT_RECEIPT - now);
    },
  };
}

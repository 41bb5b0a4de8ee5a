/** Serials that were passed and not met: they may yet be committed. Both ends included; `until` in ms of the database's clock. */
export interface Hole {
  readonly from: string;
  readonly to: string;
  readonly until: number;
}

/** More ranges than this are taken together with the serials between them: a change met again is harmless. */
const MOST_HOLES = 100;

/** Follows the serials of a change table, which do not commit in their order. */
export interface Trail {
  readonly serial: bigint;
  /** The next serial in rising order, or one out of a hole. */
  passed(serial: bigint): void;
  holes(): Hole[];
}

/** Goes on from `serial` with the holes before it; those that are settled by `now` are forgotten. */
export function followTrail(serial: bigint, before: readonly Hole[], now: number, settleMs: number): Trail {
  let last = serial;
  let open = before
    .filter(({ until }) => until > now)
    .map(({ from, to, until }) => ({ from: BigInt(from), to: BigInt(to), until }));
  return {
    get serial() {
      return last;
    },
    passed(next) {
      if (next > last) {
        if (next > last + 1n && settleMs > 0)
          open.push({ from: last + 1n, to: next - 1n, until: now + settleMs });
        last = next;
        return;
      }
      open = open.flatMap((hole) => {
        if (next < hole.from || next > hole.to) return [hole];
        return [
          { ...hole, to: next - 1n },
          { ...hole, from: next + 1n },
        ].filter(({ from, to }) => from <= to);
      });
    },
    holes: () => fewer(open).map(({ from, to, until }) => ({ from: String(from), to: String(to), until })),
  };
}

interface OpenHole {
  readonly from: bigint;
  readonly to: bigint;
  readonly until: number;
}

/** Joins the nearest neighbours until there are few enough. */
function fewer(holes: readonly OpenHole[]): OpenHole[] {
  const joined = [...holes].sort((a, b) => (a.from < b.from ? -1 : 1));
  while (joined.length > MOST_HOLES) {
    let nearest = 1;
    for (let at = 2; at < joined.length; at++) if (gap(joined, at) < gap(joined, nearest)) nearest = at;
    const [left, right] = [joined[nearest - 1]!, joined[nearest]!];
    joined.splice(nearest - 1, 2, {
      from: left.from,
      to: left.to > right.to ? left.to : right.to,
      until: Math.max(left.until, right.until),
    });
  }
  return joined;
}

function gap(holes: readonly OpenHole[], at: number): bigint {
  return holes[at]!.from - holes[at - 1]!.to;
}

import type { Alongside } from '@qianzhi/plugin-api';
import { logPlaceIn } from '@qianzhi/sql-kit';
import { positionOf } from './position.js';

/** A resource that the slot is kept for. */
export interface Holder {
  readonly resource: string;
  /** What lies before has its receipt. */
  readonly position: bigint;
  readonly maxLagBytes: bigint;
}

/** Who still needs the log of one slot, and from where on. */
export interface Holders {
  /** An open source of this process: what it holds goes by this, not by what is stored of it. */
  claim(holder: Holder): void;
  /** As `claim`, but nothing that is further already. */
  claimFirst(holder: Holder): void;
  /** It has receipts up to there. */
  confirmed(resource: string, position: bigint): void;
  unclaim(resource: string): void;
  /** The slot was made anew: what was before is of no use to anybody. */
  anew(): void;
  /** It is not waited for any more, until it claims anew. */
  dropOut(resource: string): void;
  isOut(resource: string): boolean;
  /** Up to which everybody has receipts; undefined where nobody is known. */
  lowest(slot: string, alongside: Alongside | undefined): bigint | undefined;
  /** Of this process and of the config. Those before `released` cannot be served any more, and hold nothing. */
  all(slot: string, alongside: Alongside | undefined, released: bigint): readonly Holder[];
}

/** Stored places change with runs that claim theirs while they last; the config may change. */
const OTHERS_MS = 2_000;
const DEFAULT_LAG_MIB = 5120;
export const lagBytesOf = (maxLagMiB: number | undefined) =>
  BigInt(maxLagMiB ?? DEFAULT_LAG_MIB) * 1_048_576n;

export function createHolders(): Holders {
  const claims = new Map<string, Holder>();
  const out = new Set<string>();
  /** Nobody who is further behind can be served. */
  let released = 0n;
  let stored: { readonly at: number; readonly holders: readonly Holder[] } | undefined;
  function all(slot: string, alongside: Alongside | undefined): readonly Holder[] {
    const now = performance.now();
    if (!stored || now - stored.at > OTHERS_MS) stored = { at: now, holders: storedHolders(slot, alongside) };
    const others = stored.holders.filter(({ resource }) => !claims.has(resource));
    return [...claims.values(), ...others].filter(
      ({ resource, position }) => position >= released && !out.has(resource),
    );
  }

  return {
    claim(holder) {
      claims.set(holder.resource, holder);
      out.delete(holder.resource);
    },
    claimFirst(holder) {
      const { position } = claims.get(holder.resource) ?? holder;
      claims.set(holder.resource, { ...holder, position });
    },
    confirmed(resource, position) {
      const claim = claims.get(resource);
      if (claim && position > claim.position) claims.set(resource, { ...claim, position });
    },
    unclaim(resource) {
      claims.delete(resource);
      stored = undefined;
    },
    anew() {
      claims.clear();
      out.clear();
      released = 0n;
      stored = undefined;
    },
    dropOut: (resource) => void out.add(resource),
    isOut: (resource) => out.has(resource),
    lowest(slot, alongside) {
      const positions = all(slot, alongside).map(({ position }) => position);
      if (positions.length === 0) return undefined;
      const least = positions.reduce((lower, each) => (each < lower ? each : lower));
      released = least;
      return least;
    },
    all(slot, alongside, known) {
      if (known > released) released = known;
      return all(slot, alongside);
    },
  };
}

/** Of the config, by their stored places. */
export function storedHolders(slot: string, alongside: Alongside | undefined): Holder[] {
  return (alongside?.others() ?? []).flatMap(({ resource, source, checkpoint }) => {
    const place = checkpoint === undefined ? undefined : logPlaceIn(checkpoint);
    if (!place?.of.startsWith(`${slot}/`)) return [];
    const { log } = source as { readonly log?: { readonly maxLagMiB?: number } };
    return [{ resource, position: positionOf(place.position), maxLagBytes: lagBytesOf(log?.maxLagMiB) }];
  });
}

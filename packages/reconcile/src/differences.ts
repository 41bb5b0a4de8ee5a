import type { DifferenceCounts } from '@qianzhi/model';
import { keysOf, STALE } from './entries.js';

export type DifferenceKind = keyof DifferenceCounts;

/** A key whose content is not the same on both sides. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Contents as digests, '' where the key is not held; to tell whether a side stood still. */
  readonly provider: string;
  readonly consumer: string;
}

/** By short digest of the key, as latin1 text. */
export type Differences = ReadonlyMap<string, Difference>;

/** More are counted as incomplete: what differs so much is sent anew as a whole. */
export const MOST_DIFFERENCES = 25_000;

/** Compares entries as `sorted` gives them. `complete` is false where there were more than the most. */
export function compareEntries(
  provider: Buffer,
  consumer: Buffer,
  most = MOST_DIFFERENCES,
): { readonly differences: Differences; readonly complete: boolean } {
  const differences = new Map<string, Difference>();
  const left = keysOf(provider);
  const right = keysOf(consumer);
  let p = left.next();
  let c = right.next();
  while (!p.done || !c.done) {
    const key = p.done || (!c.done && c.value.key < p.value.key) ? c.value!.key : p.value.key;
    const ofProvider = !p.done && p.value.key === key ? p.value.contents : '';
    const ofConsumer = !c.done && c.value.key === key ? c.value.contents : '';
    if (ofProvider !== ofConsumer && !isUnsent(ofProvider, ofConsumer)) {
      if (differences.size >= most) return { differences, complete: false };
      differences.set(key, {
        kind: kindOf(ofProvider, ofConsumer),
        provider: ofProvider,
        consumer: ofConsumer,
      });
    }
    if (ofProvider !== '') p = left.next();
    if (ofConsumer !== '') c = right.next();
  }
  return { differences, complete: true };
}

const stale = STALE.toString('latin1');

/** A rejected row that the consumer never had: nothing differs but what is known of at its owner. */
function isUnsent(provider: string, consumer: string): boolean {
  return consumer === '' && isStale(provider);
}

function isStale(provider: string): boolean {
  return provider.startsWith(stale);
}

function kindOf(provider: string, consumer: string): DifferenceKind {
  if (isStale(provider)) return 'stale';
  if (provider === '') return 'extra';
  return consumer === '' ? 'missing' : 'changed';
}

/**
 * A key differs for good when both sides stood still over a time in which the streams caught up, and it differs still. One that
 * moved is looked at once more.
 */
export function settle(
  before: Differences,
  now: Differences,
): { readonly settled: Differences; readonly moving: Differences } {
  const settled = new Map<string, Difference>();
  const moving = new Map<string, Difference>();
  for (const [key, difference] of now) {
    const known = before.get(key);
    const still = known?.provider === difference.provider && known.consumer === difference.consumer;
    (still ? settled : moving).set(key, difference);
  }
  return { settled, moving };
}

export function countDifferences(differences: Differences): DifferenceCounts {
  const counts = { missing: 0, extra: 0, changed: 0, stale: 0, unsettled: 0 };
  for (const { kind } of differences.values()) counts[kind]++;
  return counts;
}

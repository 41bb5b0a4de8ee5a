import { type CatalogResource, keyItems } from './resource.js';

/** How much two resources look like the same data, by the names of their items. */
export interface Likeness {
  /** Names that both have. */
  readonly common: number;
  /** Of all names that either has, how many both have: 0 to 100. */
  readonly percent: number;
  /** Both have a key, of the same names. */
  readonly sameKey: boolean;
}

/** Fewer names say little: many resources have a name and a code. */
export const LEAST_COMMON_NAMES = 3;
/** Below it nothing is alike, whatever the key. */
export const LEAST_PERCENT = 60;
const ALIKE_PERCENT = 80;

/** Blanks, width and letter case aside, a name is the same name. */
export function comparableName(name: string): string {
  return name.normalize('NFKC').replace(/\s+/gu, '').toLowerCase();
}

export function comparableNames({ items }: Pick<CatalogResource, 'items'>): ReadonlySet<string> {
  return new Set(items.map(({ name }) => comparableName(name)));
}

export function likeness(a: CatalogResource, b: CatalogResource): Likeness {
  const [ofA, ofB] = [comparableNames(a), comparableNames(b)];
  const common = [...ofA].filter((name) => ofB.has(name)).length;
  const all = ofA.size + ofB.size - common;
  const key = (resource: CatalogResource) =>
    [...comparableNames({ items: [...keyItems(resource)] })].sort().join('\n');
  return { common, percent: Math.floor((common * 100) / all), sameKey: key(a) !== '' && key(a) === key(b) };
}

/** 一数一源 (R039): nearly the same items, or most of them under the same key. */
export function looksDuplicate({ common, percent, sameKey }: Likeness): boolean {
  return common >= LEAST_COMMON_NAMES && percent >= (sameKey ? LEAST_PERCENT : ALIKE_PERCENT);
}

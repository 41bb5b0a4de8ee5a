import type { RejectReason } from '../reasons.js';
import type { TypedItem } from './canonical-text.js';

export function valid(item: TypedItem, ...texts: string[]) {
  return texts.map((text) => ({ item, text }));
}

export function invalid(item: TypedItem, reason: RejectReason, ...texts: string[]) {
  return texts.map((text) => ({ item, text, reason }));
}

export function respelled(item: TypedItem, ...pairs: [from: string, to: string][]) {
  return pairs.map(([from, to]) => ({ item, from, to }));
}

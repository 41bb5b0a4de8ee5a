import type { CatalogItem } from '@qianzhi/model';

/** What `canonicalText` needs of an item. */
export type TypedItem = Pick<
  CatalogItem,
  'type' | 'length' | 'precision' | 'scale' | 'fixedLength' | 'instant' | 'allow'
>;

/**
 * The catalog's canonical text for a value as a driver prints it: decimals padded to scale, zero fractions
 * trimmed, trailing blanks of fixed-length char removed, `T` between date and time, `true`/`1`, exponents, signs and leading zeros
 * rewritten. It changes the spelling only: a text that would lose something (more digits than the scale, a
 * zone on a wall-clock item) is answered unchanged, so that the validator rejects it.
 */
export function canonicalText(_item: TypedItem, _text: string): string {
  throw new Error('comes with the next commit');
}

/** `canonicalText` for one item, decided once; undefined when every text of the type stays as it is. */
export function canonicalizer(_item: TypedItem): ((text: string) => string) | undefined {
  throw new Error('comes with the next commit');
}

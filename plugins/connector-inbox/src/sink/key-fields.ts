import type { CatalogResource } from '@qianzhi/model';

/** Positions of the key items. */
export function keyFieldsOf({ items }: CatalogResource): readonly number[] {
  return items.flatMap(({ key }, at) => (key ? [at] : []));
}

import type { CatalogItem } from '@qianzhi/model';
import { canonicalText, createRowWriter } from '@qianzhi/rows';

/** Row text of an item that a config gives one value for every row. */
export function constantField(item: CatalogItem, value: string | number | boolean | null): Uint8Array {
  const writer = createRowWriter(64);
  writer.begin('S');
  writer.text(value === null ? null : canonicalText(item, String(value)));
  writer.end();
  return writer.take().slice(2, -1);
}

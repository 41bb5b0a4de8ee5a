import type { CatalogResource } from '@qianzhi/model';
import { rowLimits } from '@qianzhi/rows';
import type { RowLayout } from './protocol.js';

export function layoutOf(resource: CatalogResource): RowLayout {
  const keyFields = resource.items.flatMap((item, index) => (item.key ? [index] : []));
  return {
    resource: resource.code,
    fields: resource.items.length,
    keyFields,
    maxRowBytes: rowLimits.rowBytes,
  };
}

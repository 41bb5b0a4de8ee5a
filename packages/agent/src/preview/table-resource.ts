import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import type { TableDescription } from '@qianzhi/plugin-api';

/** What a table would look like as a catalog entry: nobody has said yet what its columns mean. */
export function tableResource({ columns, primaryKey, comment }: TableDescription): CatalogResource {
  const items = columns.map((column): CatalogItem => {
    const key = primaryKey.includes(column.name);
    return {
      name: column.comment ?? column.name,
      column: column.name,
      type: column.type ?? 'M',
      ...(key && { key }),
    };
  });
  return {
    code: 'preview',
    name: comment ?? 'preview',
    summary: '',
    department: 'preview',
    attribute: 'department',
    subject: 'other',
    sharing: 'none',
    openness: 'closed',
    updateCycle: 'irregular',
    schemaVersion: 1,
    items,
  };
}

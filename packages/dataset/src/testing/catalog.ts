import type { CatalogItem, CatalogResource } from '@qianzhi/model';

/** A resource with an item of each type. */
export const everyType: readonly CatalogItem[] = [
  { name: '代码', column: 'code', type: 'C', length: 20, key: true },
  { name: '名称,"全"', column: 'name', type: 'C', length: 200 },
  { name: '备注', column: 'memo', type: 'M' },
  { name: '数量', column: 'n', type: 'I' },
  { name: '金额', column: 'amount', type: 'N', precision: 20, scale: 2 },
  { name: '比值', column: 'ratio', type: 'F' },
  { name: '日期', column: 'day', type: 'D' },
  { name: '时间', column: 'moment', type: 'T' },
  { name: '时刻', column: 'instant', type: 'T', instant: true },
  { name: '有效', column: 'valid', type: 'L' },
  { name: '图章', column: 'seal', type: 'G', length: 100 },
];

export function catalogOf(items: readonly CatalogItem[]): CatalogResource {
  return {
    code: 'firm',
    name: '企业',
    summary: '',
    department: 'mz',
    attribute: 'department',
    subject: 'organisation',
    sharing: 'unconditional',
    openness: 'closed',
    updateCycle: 'daily',
    schemaVersion: 1,
    items: [...items],
  };
}

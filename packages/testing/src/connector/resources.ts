import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import type { RowTexts } from './harness.js';

/** A resource around some items; everything else is of no matter to a connector. */
export function resourceOf(code: string, items: readonly CatalogItem[]): CatalogResource {
  return {
    code,
    name: code,
    summary: '',
    department: 'contract',
    attribute: 'department',
    subject: 'other',
    sharing: 'unconditional',
    openness: 'closed',
    updateCycle: 'daily',
    schemaVersion: 1,
    items: [...items],
  };
}

const name: CatalogItem = { name: '名称', column: 'name', type: 'C', length: 200 };
const amount: CatalogItem = { name: '金额', column: 'amount', type: 'N', precision: 12, scale: 2 };
const updatedAt: CatalogItem = { name: '更新时间', column: 'updated_at', type: 'T' };

/** A plain table with one key column, used wherever values are not the matter. */
export const enterprise = resourceOf('contract_enterprise', [
  { name: '编号', column: 'id', type: 'C', length: 20, key: true, required: true },
  name,
  amount,
  updatedAt,
]);

/** Two key columns of different types, the second one before other items. */
export const membership = resourceOf('contract_membership', [
  { name: '组织', column: 'org', type: 'C', length: 20, key: true, required: true },
  { name: '序号', column: 'no', type: 'I', key: true, required: true },
  name,
  updatedAt,
]);

/** No key: equal rows may occur more than once. */
export const journal = resourceOf('contract_journal', [name, amount, updatedAt]);

/** Rows of `enterprise` with ids from `first`, all with the same time. */
export function enterprises(
  first: number,
  count: number,
  time: string | null = '2026-01-02 03:04:05',
): RowTexts[] {
  return Array.from({ length: count }, (_, index) => {
    const id = first + index;
    return [`E${String(id).padStart(6, '0')}`, `企业${id}`, `${id}.50`, time];
  });
}

export function renamed(row: RowTexts, to: string, time: string | null = row[3] ?? null): RowTexts {
  return [row[0]!, to, row[2]!, time];
}

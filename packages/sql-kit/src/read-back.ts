import { type CatalogItem, type CatalogResource, type DeliveryStream, keyItems } from '@qianzhi/model';
import type { ReadBack, Source, SourceSpec } from '@qianzhi/plugin-api';
import { supplierOf } from './supplier.js';

/** What targets of SQL connectors say of where their rows are. */
export interface TargetRows {
  readonly table: string;
  readonly columns?: Readonly<Record<string, string>> | undefined;
  readonly codes?: Readonly<Record<string, Readonly<Record<string, string | null>>>> | undefined;
  readonly zone?: string | undefined;
  readonly shared?: boolean;
}

/** How a connector with shared targets names what the keys of a shared table are found by. */
export interface SharedKeys {
  quoted(name: string): string;
  /** Qualified and quoted. */
  readonly keyTable: string;
  /** As an SQL literal, as the table of keys has it. */
  supplier(name: string): string;
}

/**
 * Opens the rows that a sink put into its table, by the connector's own source: the mapping of columns is the same, translated
 * codes are read as the target's own texts, and of a shared table only the rows whose keys that supplier delivered.
 */
export async function openReadBack(
  { codes = {}, columns, shared, table, zone }: TargetRows,
  resource: CatalogResource,
  delivery: DeliveryStream,
  open: (spec: SourceSpec) => Promise<Source>,
  keys?: SharedKeys,
): Promise<ReadBack> {
  const where = shared && keys ? { where: ownRows(table, columns, resource, delivery, keys) } : {};
  const source = { table, ...(columns && { columns }), ...(zone !== undefined && { zone }), ...where };
  const items = resource.items.map((item) => (Object.hasOwn(codes, item.column) ? asText(item) : item));
  const spec: SourceSpec = { resource: { ...resource, items }, strategy: 'snapshot', source };
  return { source: await open(spec), codes };
}

function asText({ name, column, key }: CatalogItem): CatalogItem {
  return { name, column, type: 'C', ...(key && { key }) };
}

function ownRows(
  table: string,
  columns: TargetRows['columns'],
  resource: CatalogResource,
  delivery: DeliveryStream,
  { quoted, keyTable, supplier }: SharedKeys,
): string {
  const same = keyItems(resource).map(({ column }) => {
    const name = quoted(columns?.[column] ?? column);
    return `k.${name} = ${quoted(table)}.${name}`;
  });
  const own = `k.qianzhi_supplier = ${supplier(supplierOf(delivery))}`;
  return `EXISTS (SELECT 1 FROM ${keyTable} k WHERE ${[...same, own].join(' AND ')})`;
}

import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import type { RowOp } from './op.js';
import { createRowWriter } from './row-writer.js';

/** Test help: a resource of these items. Columns are `c0`, `c1`, … unless named. */
export function resourceOf(
  items: readonly Partial<CatalogItem>[],
  codeTables?: CatalogResource['codeTables'],
): CatalogResource {
  return {
    code: 'sample',
    name: '样例',
    summary: '',
    department: 'd',
    attribute: 'department',
    subject: 'other',
    sharing: 'unconditional',
    openness: 'closed',
    updateCycle: 'daily',
    schemaVersion: 1,
    items: items.map((item, i) => ({ name: `项${i}`, column: `c${i}`, type: 'C', ...item })),
    codeTables,
  };
}

/** Test help: rows as row text. */
export function rowsOf(...rows: readonly (readonly [op: RowOp, ...fields: (string | null)[]])[]): Uint8Array {
  const writer = createRowWriter(16);
  for (const [op, ...fields] of rows) {
    writer.begin(op);
    for (const field of fields) writer.text(field);
    writer.end();
  }
  return writer.take();
}

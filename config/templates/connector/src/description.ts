import { type CatalogResource, compareTable } from '@qianzhi/model';
import type { TableDescription } from '@qianzhi/plugin-api';
import { connectorErrors } from './errors.js';
import { readTable, type Table } from './table-file.js';

export function describeTable(table: Table): TableDescription {
  return {
    schema: null,
    table: table.name,
    kind: 'file',
    rows: table.rows.length,
    comment: null,
    columns: table.columns.map(({ name, type, length, precision, scale, key }) => ({
      name,
      nativeType: type,
      type,
      length: length ?? null,
      precision: precision ?? null,
      scale: scale ?? null,
      nullable: !key,
      comment: null,
    })),
    primaryKey: table.columns.filter((column) => column.key).map((column) => column.name),
  };
}

/** The table, if the catalog resource can be read from it or written to it. Throws QZ___OWNER___TABLE_MISFIT if not. */
export async function fittingTable(
  folder: string,
  name: string,
  resource: CatalogResource,
  side: 'source' | 'target',
): Promise<Table> {
  const table = await readTable(folder, name);
  const misfit = compareTable(resource, describeTable(table).columns, {}, side).find(
    ({ level }) => level === 'error',
  );
  if (misfit)
    throw connectorErrors.TABLE_MISFIT({ table: name, item: misfit.item, finding: misfit.texts.en });
  return table;
}

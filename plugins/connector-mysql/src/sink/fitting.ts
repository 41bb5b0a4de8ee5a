import type { CatalogResource } from '@qianzhi/model';
import { literal } from '../identifier.js';
import { fitTarget, type Target } from './target.js';
import type { Work, Writing } from './writing.js';

/** The target as it was fitted, kept until the table or the schema version changes. */
export interface Fitting {
  target(work: Work, resource: CatalogResource): Promise<Target>;
}

export function createFitting({ database, spec, zone }: Writing): Fitting {
  let fitted: { resource: string; shape: string; target: Target } | undefined;
  return {
    async target(work, resource) {
      const shape = await shapeOf(work, database, spec.table);
      const items = JSON.stringify(resource.items);
      if (fitted?.shape === shape && fitted.resource === items) return fitted.target;
      const target = await fitTarget(work, database, spec, resource, zone);
      fitted = { resource: items, shape, target };
      return target;
    },
  };
}

/** A text that changes with the table's columns, types and indexes. */
export async function shapeOf(work: Work, database: string, table: string): Promise<string> {
  const where = `table_schema = ${literal(database)} AND table_name = ${literal(table)}`;
  const { rows } = await work.run(
    `SELECT (SELECT GROUP_CONCAT(CONCAT_WS(' ', ordinal_position, column_name, column_type, is_nullable, collation_name, extra, column_default IS NULL) ORDER BY ordinal_position)
       FROM information_schema.columns WHERE ${where}) AS columns_are,
     (SELECT GROUP_CONCAT(CONCAT_WS(' ', index_name, seq_in_index, column_name, sub_part, non_unique) ORDER BY index_name, seq_in_index)
       FROM information_schema.statistics WHERE ${where}) AS indexes_are`,
  );
  return JSON.stringify(rows[0]);
}

import type { CatalogResource } from '@qianzhi/model';
import { oidOf, qualified } from '../identifier.js';
import { fitTarget, type Target } from './target.js';
import type { Work, Writing } from './writing.js';

/** The target as it was fitted, kept until the table or the schema version changes. */
export interface Fitting {
  /** Keeps others from altering the table until the transaction ends. */
  readonly lockSql: string;
  /** SQL of a text that changes with the table's columns, types and indexes. */
  readonly shapeSql: string;
  /** Before any batch. Throws what `fitTarget` throws. */
  first(work: Work, resource: CatalogResource): Promise<void>;
  /** As it was fitted last, and the shape it then had; undefined for other items. */
  last(resource: CatalogResource): { readonly target: Target; readonly shape: string } | undefined;
  /** `shape` as `shapeSql` found it, behind the lock. */
  target(work: Work, resource: CatalogResource, shape: string | null): Promise<Target>;
}

export function createFitting({ schema, spec, zone }: Writing): Fitting {
  const name = qualified(schema, spec.table);
  const oid = oidOf(schema, spec.table);
  const shapeSql = `SELECT pg_catalog.md5(pg_catalog.concat(${oid}::oid,
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef, a.attcollation, a.attisdropped), ',' ORDER BY a.attnum)
     FROM pg_catalog.pg_attribute a WHERE a.attrelid = ${oid} AND a.attnum > 0),
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', i.indexrelid, i.indisunique, i.indisvalid, i.indkey), ',' ORDER BY i.indexrelid)
     FROM pg_catalog.pg_index i WHERE i.indrelid = ${oid})))`;
  let fitted: { items: CatalogResource['items']; shape: string | null; target: Target } | undefined;

  async function fit(work: Work, resource: CatalogResource, shape: string | null): Promise<Target> {
    const target = await fitTarget(work.session, schema, spec, resource, zone, work.signal);
    fitted = { items: resource.items, shape, target };
    return target;
  }

  function isFitted({ items }: CatalogResource): boolean {
    return fitted?.items === items || JSON.stringify(fitted?.items) === JSON.stringify(items);
  }

  return {
    lockSql: `LOCK TABLE ${name} IN ROW EXCLUSIVE MODE`,
    shapeSql,
    async first(work, resource) {
      const { rows } = await work.run(`SELECT (${shapeSql}) AS shape`);
      await fit(work, resource, rows[0]?.['shape'] ?? null);
    },
    last(resource) {
      if (!fitted || fitted.shape === null || !isFitted(resource)) return undefined;
      return { target: fitted.target, shape: fitted.shape };
    },
    async target(work, resource, shape) {
      return fitted?.shape === shape && isFitted(resource) ? fitted.target : fit(work, resource, shape);
    },
  };
}

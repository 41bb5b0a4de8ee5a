import type { CatalogResource } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import { isolate, type RangeFailure, type Refusal, type Rejections, supplierOf } from '@qianzhi/sql-kit';
import { postgresErrors } from '../errors.js';
import { literal } from '../identifier.js';
import { type RawQuery, trying } from './refusal.js';
import { shadowRow } from './row-text.js';
import { supplierKeysSql } from './suppliers.js';
import type { Target } from './target.js';
import { sameKey, upsert } from './upsert-sql.js';
import type { Work, Writing } from './writing.js';

const SAVEPOINT = 'qianzhi_merge';

/**
 * Makes the target equal to the shadow: differences are written, and what the supplier no longer has is deleted. Rows that only the
 * target itself refuses (a trigger, a foreign key) are isolated by halving the shadow's pages.
 */
export async function mergeShadow(
  work: Work,
  { spec }: Writing,
  target: Target,
  batch: SinkBatch,
  shadow: string,
  rejections: Rejections,
): Promise<{ readonly inserted: number; readonly updated: number }> {
  const supplier = literal(supplierOf(batch.delivery));
  const keys = spec.shared ? supplierKeysSql(target, supplier) : undefined;
  await deleteMissing(work, target, shadow, keys && `${keys.own} AND NOT ${keys.others}`);
  const counts = await mergePages(work, target, batch.resource, shadow, rejections);
  if (keys) {
    const present = `EXISTS (SELECT 1 FROM ${target.name} t WHERE ${sameKey(target, 't', 's')})`;
    await work.run(`${keys.clear}; ${keys.add(shadow, present)}`);
  }
  return counts;
}

/** `unlessShared`: of a shared table only what this supplier alone delivered. */
async function deleteMissing(
  work: Work,
  target: Target,
  shadow: string,
  unlessShared: string | undefined,
): Promise<void> {
  const gone =
    target.keys.length === 0
      ? 'true'
      : `NOT EXISTS (SELECT 1 FROM ${shadow} s WHERE ${sameKey(target, 's', 't')})`;
  const sql = `ANALYZE ${shadow}; DELETE FROM ${target.name} t WHERE ${gone}${unlessShared ? ` AND ${unlessShared}` : ''}`;
  const tried = await trying(work.session, target.itemOf, (query) => query(sql), work.signal);
  if ('failure' in tried) {
    throw postgresErrors.TARGET_REFUSES_DELETE({
      table: target.table.name,
      reason: tried.failure.refusal.reason,
    });
  }
}

async function mergePages(
  work: Work,
  target: Target,
  resource: CatalogResource,
  shadow: string,
  rejections: Rejections,
): Promise<{ inserted: number; updated: number }> {
  const counts = { inserted: 0, updated: 0 };

  async function merge(where: string): Promise<RangeFailure<Refusal> | undefined> {
    await work.run(`SAVEPOINT ${SAVEPOINT}`);
    const { features } = work.session;
    const write = (query: RawQuery) => upsert(query, target, { relation: shadow, where }, features);
    const tried = await trying(work.session, target.itemOf, write, work.signal);
    const failed = 'failure' in tried;
    await work.run(`${failed ? `ROLLBACK TO ${SAVEPOINT}; ` : ''}RELEASE ${SAVEPOINT}`);
    if (failed) return tried.failure;
    counts.inserted += tried.value.inserted;
    counts.updated += tried.value.updated;
    return undefined;
  }

  async function mergePage(page: number): Promise<void> {
    const { rows } = await work.run(`SELECT ctid AS place FROM ${shadow} s WHERE ${onPages(page, page + 1)}`);
    const places = rows.map((row) => row['place']!);
    await isolate(
      places.length,
      ({ from, to }) => merge(`s.ctid = ANY (${literal(`{${quotedList(places.slice(from, to))}}`)}::tid[])`),
      async (at, refusal) =>
        rejections.text(await shadowRow(work, target, resource, shadow, places[at]!), refusal),
    );
  }

  if ((await merge('true')) === undefined) return counts;
  const size = await work.run(
    `SELECT pg_catalog.pg_relation_size($1::regclass) / pg_catalog.current_setting('block_size')::int AS pages`,
    [shadow],
  );
  await isolate(
    // where it takes after Oracle a quotient has digits behind the point
    Math.ceil(Number(size.rows[0]!['pages'])),
    ({ from, to }) => merge(onPages(from, to)),
    (page) => mergePage(page),
  );
  return counts;
}

function onPages(from: number, to: number): string {
  return `s.ctid >= '(${from},0)'::tid AND s.ctid < '(${to},0)'::tid`;
}

function quotedList(places: readonly string[]): string {
  return places.map((place) => `"${place}"`).join(',');
}

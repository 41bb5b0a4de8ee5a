import type { SinkBatch } from '@qianzhi/plugin-api';
import { canonicalText, createRowWriter } from '@qianzhi/rows';
import { isolate, type RangeFailure, type Refusal, type Rejections, supplierOf } from '@qianzhi/sql-kit';
import { mysqlErrors } from '../errors.js';
import { behindSavepoint } from './convert.js';
import { trying } from './refusal.js';
import { insertSql, sameKey, updateSql } from './row-sql.js';
import { PLACE } from './shadow-table.js';
import { supplierKeysSql } from './suppliers.js';
import type { Target } from './target.js';
import type { Work, Writing } from './writing.js';

/**
 * Makes the target equal to the shadow: what the supplier no longer has is deleted, and differences are written. Rows that
 * only the target itself refuses (a trigger, a foreign key) are isolated by their places.
 */
export async function mergeShadow(
  work: Work,
  { spec }: Writing,
  target: Target,
  batch: SinkBatch,
  shadow: string,
  rejections: Rejections,
): Promise<{ readonly inserted: number; readonly updated: number }> {
  const keys = spec.shared ? supplierKeysSql(target, supplierOf(batch.delivery)) : undefined;
  await deleteMissing(work, target, shadow, keys && `${keys.own} AND NOT ${keys.others}`);
  const counts = await mergeRows(work, target, batch, shadow, rejections);
  if (keys) {
    await work.run(keys.clear);
    await work.run(
      keys.add(shadow, `EXISTS (SELECT 1 FROM ${target.name} t WHERE ${sameKey(target, 't', 's')})`),
    );
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
  const sql =
    target.keys.length === 0
      ? `DELETE FROM ${target.name}`
      : `DELETE t FROM ${target.name} t LEFT JOIN ${shadow} s ON ${sameKey(target, 's', 't')}
         WHERE s.${target.keys[0]!.name} IS NULL${unlessShared ? ` AND ${unlessShared}` : ''}`;
  const tried = await trying(work, target.itemOf, (query) => query(sql));
  if ('failure' in tried) {
    const { reason } = tried.failure.refusal;
    throw mysqlErrors.TARGET_REFUSES_DELETE({ table: target.table.name, reason });
  }
}

async function mergeRows(
  work: Work,
  target: Target,
  batch: SinkBatch,
  shadow: string,
  rejections: Rejections,
): Promise<{ inserted: number; updated: number }> {
  const counts = { inserted: 0, updated: 0 };

  const merge = async (where: string): Promise<RangeFailure<Refusal> | undefined> => {
    const failure = await behindSavepoint(work, target, 0, async (query) => {
      const rows = { relation: shadow, where };
      const update = target.keys.length > 0 ? updateSql(target, rows) : undefined;
      const updated = update ? (await query(update)).count : 0;
      const inserted = (await query(insertSql(target, rows))).count;
      counts.updated += updated;
      counts.inserted += inserted;
    });
    // the number is that of the statement's own rows
    return failure && { refusal: failure.refusal };
  };

  const failed = await merge('true');
  if (!failed) return counts;
  const { rows } = await work.run(`SELECT CAST(${PLACE} AS CHAR) AS place FROM ${shadow} ORDER BY ${PLACE}`);
  const places = rows.map((row) => row['place'] ?? '0');
  await isolate(
    places.length,
    ({ from, to }) => merge(`s.${PLACE} BETWEEN ${places[from]} AND ${places[to - 1]}`),
    async (at, refusal) =>
      rejections.text(await shadowRow(work, target, batch, shadow, `${PLACE} = ${places[at]}`), refusal),
  );
  return counts;
}

/** The row text of one row of the shadow, for the quarantine; a translated code as the target has it. */
async function shadowRow(
  work: Work,
  target: Target,
  { resource }: SinkBatch,
  shadow: string,
  where: string,
): Promise<Uint8Array> {
  const columns = resource.items.map((item, at) => {
    const { name } = target.columns[at]!;
    return item.type === 'G' ? `CONCAT('\\\\x', LOWER(HEX(${name}))) AS c${at}` : `${name} AS c${at}`;
  });
  const { rows } = await work.run(`SELECT ${columns.join(', ')} FROM ${shadow} WHERE ${where}`);
  const writer = createRowWriter(1024);
  writer.begin('S');
  resource.items.forEach((item, at) => {
    const text = rows[0]?.[`c${at}`] ?? null;
    writer.text(text === null ? null : canonicalText(item, text));
  });
  writer.end();
  return writer.take();
}

import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { insertion, prepared } from '../database/prepared.js';
import { exchangeErrors } from './errors.js';
import type { BatchStore } from './store/batch-store.js';
import type { StoredLocation } from './store/location.js';

interface BytesRow extends StoredLocation {
  readonly id: string;
  readonly digest: string;
}

const insertBytes = insertion<BytesRow>('stored_bytes');

const bytesOf = prepared<'id', BytesRow | undefined>((db, { id }) =>
  db('stored_bytes').where({ id }).first(),
);

/** Puts bytes into the index; answers the id that rows refer to them by. */
export async function indexBytes(
  trx: Knex.Transaction,
  location: StoredLocation,
  digest: string,
): Promise<string> {
  const id = randomUUID();
  const { file, offset, length } = location;
  await insertBytes(trx, { id, file, offset, length, digest });
  return id;
}

/** The bytes by id, checked against their digest. Throws QZ_PLATFORM_BYTES_DAMAGED. */
export async function readBytes(
  db: Knex,
  store: BatchStore,
  id: string,
): Promise<{ readonly bytes: Uint8Array; readonly digest: string }> {
  const row = await bytesOf(db, { id });
  if (!row) {
    const unknown = { problem: 'it is not in the index', problemZh: '索引中没有该内容' };
    throw exchangeErrors.BYTES_DAMAGED({ file: id, offset: 0, length: 0, ...unknown });
  }
  const location = { file: row.file, offset: Number(row.offset), length: Number(row.length) };
  return { bytes: await store.read(location, row.digest), digest: row.digest };
}

/** Where the index says each file ends. */
export async function indexedEnds(db: Knex): Promise<Map<string, number>> {
  const rows: { file: string; end: number }[] = await db('stored_bytes')
    .groupBy('file')
    .select('file', db.raw('max(?? + ??) as ??', ['offset', 'length', 'end']));
  return new Map(rows.map(({ file, end }) => [file, Number(end)]));
}

/** Removes files that hold nothing the index names: what a crash or retention left behind. Answers how many. */
export async function sweepFiles(db: Knex, store: BatchStore): Promise<number> {
  const files = await store.settledFiles();
  let removed = 0;
  for (const file of files) {
    if (await db('stored_bytes').where({ file }).first('id')) continue;
    await store.remove(file);
    removed++;
  }
  return removed;
}

import { checkShape } from '@qianzhi/model';
import type { FeedPage, FeedRecord, OpenFeed, PluginContext, RecordValues } from '@qianzhi/plugin-api';
import { createRowWriter, keyOf } from '@qianzhi/rows';
import { TargetSchema } from '../config.js';
import { inboxErrors } from '../errors.js';
import { eraseAll, newestCursor } from '../store/erase.js';
import { openStore } from '../store/open-store.js';
import { limitBytes } from '../store/retention.js';
import { cursorText, type Place, placeOf } from './cursor.js';
import { createReader, type StoredChange } from './read-change.js';

const PAGE_BYTES = 4 * 1024 * 1024;
const COLUMNS = 'cursor, op, key, shape, sealed, seq, at, bytes';

/** Reads what the exchange's sink wrote, on a connection of its own: a batch that is being written is not seen. */
export async function openFeed(exchange: string, target: unknown, context: PluginContext): Promise<OpenFeed> {
  const spec = checkShape(TargetSchema, structuredClone(target), 'target');
  const store = await openStore(exchange, context);
  const { db } = store;
  const reader = createReader(store);
  const state = db.prepare<[], { origin: string; horizon: number; bytes: number; erased: number }>(
    'SELECT origin, horizon, bytes, erased FROM inbox',
  );
  const changes = db.prepare<[number, number], StoredChange>(
    `SELECT ${COLUMNS} FROM change WHERE cursor > ? ORDER BY cursor LIMIT ?`,
  );
  const asTheyAre = db.prepare<[number, number, number], StoredChange>(
    `SELECT ${COLUMNS} FROM change WHERE current = 1 AND cursor > ? AND cursor <= ? ORDER BY cursor LIMIT ?`,
  );
  const byKey = db.prepare<[string], StoredChange>(
    `SELECT ${COLUMNS} FROM change WHERE key = ? AND current = 1`,
  );
  const records = db.prepare<[], { records: number }>(
    'SELECT count(*) AS records FROM change WHERE current = 1',
  );
  const grants = db.prepare<[], { agreement: string; grantVersion: number }>(
    'SELECT agreement, max(grant_version) AS grantVersion FROM supplier GROUP BY agreement',
  );
  const newestShape = db.prepare('SELECT shape FROM change WHERE current = 1 ORDER BY cursor DESC LIMIT 1');

  function startOf(after: string | undefined): { readonly origin: string; readonly place: Place } {
    const { origin, horizon } = state.get()!;
    const end = newestCursor(db);
    if (after === undefined) return { origin, place: { at: 0, base: end } };
    const place = placeOf(after, origin);
    if (!place || place.at > end || Math.max(place.at, place.base) < horizon)
      throw inboxErrors.CURSOR_GONE({ exchange });
    return { origin, place };
  }

  function readPage(after: string | undefined, limit: number): FeedPage {
    const { origin, place } = startOf(after);
    const begins = place.at < place.base;
    const rows = begins ? asTheyAre.all(place.at, place.base, limit + 1) : changes.all(place.at, limit + 1);
    const taken = withinBytes(rows.slice(0, limit));
    const all = taken.length === rows.length;
    const lastAt = taken.at(-1)?.cursor ?? place.at;
    const next = begins && all ? { at: place.base, base: 0 } : { at: lastAt, base: begins ? place.base : 0 };
    const cursorOf = (at: number) =>
      cursorText(origin, { at, base: begins && at < place.base ? place.base : 0 });
    return {
      records: taken.map((row) => reader.recordOf(row, cursorOf(row.cursor))),
      next: cursorText(origin, next),
      end: all && (!begins || changes.get(place.base, 1) === undefined),
    };
  }

  function current(key: RecordValues): FeedRecord | undefined {
    const shape = (newestShape.get() as { shape: number } | undefined)?.shape;
    if (shape === undefined) return undefined;
    const columns = reader.columnsOf(shape);
    const wanted = columns.flatMap((one) => (one.key ? [one.column] : []));
    const given = Object.keys(key);
    if (given.length !== wanted.length || !wanted.every((column) => typeof key[column] === 'string'))
      throw inboxErrors.KEY_WRONG({ exchange, columns: wanted.join(', '), resource: exchange });
    const writer = createRowWriter(256);
    writer.begin('D');
    for (const { column, key: isKey } of columns) writer.text(isKey ? key[column]! : null);
    writer.end();
    const text = keyOf(
      writer.take(),
      columns.flatMap((one, at) => (one.key ? [at] : [])),
    );
    const found = byKey.get(store.seal.keyDigest(text));
    return found && reader.recordOf(found, cursorText(state.get()!.origin, { at: found.cursor, base: 0 }));
  }

  const inOneView = <T>(look: () => T): T => store.read(() => db.transaction(look)());
  return {
    read: (after, limit) => inOneView(() => readPage(after, limit)),
    current: (key) => inOneView(() => current(key)),
    beginning: () => inOneView(() => cursorText(state.get()!.origin, { at: 0, base: newestCursor(db) })),
    end: () => inOneView(() => cursorText(state.get()!.origin, { at: newestCursor(db), base: 0 })),
    access: () => inOneView(() => ({ grants: grants.all(), erased: state.get()!.erased === 1 })),
    size: () =>
      inOneView(() => ({
        records: records.get()!.records,
        bytes: state.get()!.bytes,
        limitBytes: limitBytes(spec),
      })),
    async erase(signal) {
      db.pragma('secure_delete = ON');
      await store.write(`erase ${exchange}`, signal, async () => eraseAll(store));
      // the log of the database still holds it
      db.pragma('wal_checkpoint(TRUNCATE)');
    },
    async [Symbol.asyncDispose]() {
      store.close();
    },
  };
}

/** At least one, however large. */
function withinBytes(rows: readonly StoredChange[]): readonly StoredChange[] {
  let bytes = 0;
  const over = rows.findIndex((row, at) => {
    bytes += row.bytes;
    return at > 0 && bytes > PAGE_BYTES;
  });
  return over === -1 ? rows : rows.slice(0, over);
}

import type { RowsBlock, Source } from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';
import type pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { describeSource, signal } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);
const WRITERS = 3;
const READS = 40;
const KEYS = 60;

/** Numbers below `limit`, the same for the same seed (mulberry32). */
function numbers(seed: number) {
  let state = seed;
  return (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** A target as its sink would leave it. */
interface Target {
  readonly rows: ReadonlyMap<string, string | null>;
  /** Parts of a snapshot that is not complete. */
  readonly shadow: ReadonlyMap<string, string | null>;
  readonly checkpoint: string | undefined;
}

function applied({ rows, shadow }: Target, block: RowsBlock): Target {
  const next = new Map(rows);
  const staged = new Map(block.restart ? [] : shadow);
  for (const { op, fields } of decodeRows(block.bytes)) {
    const [id, name] = fields as [string, string | null];
    if (op === 'S') staged.set(id, name);
    else if (op === 'U') next.set(id, name);
    else next.delete(id);
  }
  const { checkpoint } = block;
  return block.lastOfSnapshot
    ? { rows: staged, shadow: new Map(), checkpoint }
    : { rows: next, shadow: staged, checkpoint };
}

async function write(
  session: pg.Client,
  storm: string,
  pick: (limit: number) => number,
  goesOn: () => boolean,
): Promise<void> {
  while (goesOn()) {
    await session.query('BEGIN');
    for (let statement = pick(4); statement >= 0; statement--) {
      const [id, other] = [pick(KEYS), pick(KEYS)];
      const kind = pick(100);
      if (kind < 1) await session.query(`SAVEPOINT s; TRUNCATE ${storm}; RELEASE s`);
      else if (kind < 35)
        await session.query(`INSERT INTO ${storm} VALUES (${id}, 'i${pick(1e6)}') ON CONFLICT DO NOTHING`);
      else if (kind < 65) await session.query(`UPDATE ${storm} SET name = 'u${pick(1e6)}' WHERE id = ${id}`);
      else if (kind < 80) await session.query(`DELETE FROM ${storm} WHERE id = ${id}`);
      else
        await session.query(
          `UPDATE ${storm} SET id = ${other} WHERE id = ${id} AND NOT EXISTS (SELECT 1 FROM ${storm} WHERE id = ${other})`,
        );
    }
    await session.query(pick(6) === 0 ? 'ROLLBACK' : 'COMMIT');
  }
}

describeSource('postgres source: log under writers', (site) => {
  afterEach(async () => {
    await site()[Symbol.asyncDispose]();
    const left = `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()`;
    await expect
      .poll(() =>
        site()
          .db.query(left)
          .then(
            () => 'dropped',
            () => 'in use',
          ),
      )
      .toBe('dropped');
  });

  /** Reads once; some of the reads end anywhere, as by a crash, and lose what had no receipt. */
  async function readOnce(source: Source, from: Target, pick: (limit: number) => number): Promise<Target> {
    let target = from;
    let receipted = from;
    const crashAfter = pick(3) === 0 ? pick(4) : Number.POSITIVE_INFINITY;
    let blocks = 0;
    for await (const block of source.read(from.checkpoint, { blockBytes: 300 }, signal)) {
      if (block.kind !== 'rows') continue;
      target = applied(target, block);
      if (pick(3) === 0) {
        receipted = target;
        await source.confirm(target.checkpoint!, signal);
      }
      if (++blocks > crashAfter) return receipted;
    }
    return target;
  }

  it.each([1, 2, 3])('the target ends as the source, seed %i', async (seed) => {
    const pick = numbers(seed);
    const { db } = site();
    const storm = `storm_${seed}`;
    await db.query(`CREATE TABLE ${storm} (id int PRIMARY KEY, name text);
      INSERT INTO ${storm} SELECT n, 'first' FROM generate_series(0, ${KEYS - 1}) n`);
    const open = () => site().source(resource, { table: storm, chunkRows: 7 }, { strategy: 'log' });
    let source = await open();
    let reads = 0;
    const writers = Array.from({ length: WRITERS }, async (_, at) => {
      const session = await site().session();
      const mine = numbers(seed * 100 + at);
      for (let again = true; again; ) {
        again = await write(session, storm, mine, () => reads < READS).then(
          () => false,
          // writers meet in unique keys and deadlocks, as programs do
          (error: { code?: string }) => {
            if (!['23505', '40P01', '55P03'].includes(error.code ?? '')) throw error;
            return true;
          },
        );
        if (again) await session.query('ROLLBACK');
      }
    });
    const written = Promise.all(writers);
    let target: Target = { rows: new Map(), shadow: new Map(), checkpoint: undefined };
    while (reads < READS) {
      target = await readOnce(source, target, pick);
      if (++reads % 5 === 0) source = await open();
    }
    await written;
    for (let quiet = 0; quiet < 3; quiet++) {
      for await (const block of source.read(target.checkpoint, { blockBytes: 300 }, signal))
        if (block.kind === 'rows') target = applied(target, block);
    }
    const { rows } = await db.query<{ id: string; name: string }>(`SELECT id, name FROM ${storm}`);
    const sorted = (entries: Iterable<readonly [string, string | null]>) => [...entries].sort();
    expect(sorted(target.rows)).toEqual(sorted(rows.map(({ id, name }) => [id, name] as const)));
  });
});

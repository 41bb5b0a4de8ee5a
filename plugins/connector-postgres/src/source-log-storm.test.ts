import {
  emptyReplica,
  type Pick,
  replicate,
  replicateOrCrash,
  seededPick,
  stormSeeds,
} from '@qianzhi/testing';
import type pg from 'pg';
import { afterEach, expect, it } from 'vitest';
import { isInternal } from './log/failures.js';
import { describeSource } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);
const WRITERS = 3;
const READS = 40;
const KEYS = 60;

async function write(session: pg.Client, storm: string, pick: Pick, goesOn: () => boolean): Promise<void> {
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

  it.each(stormSeeds())('the target ends as the source, seed %i', { timeout: 90_000 }, async (seed) => {
    const pick = seededPick(seed);
    const { db } = site();
    const storm = `storm_${seed}`;
    await db.query(`CREATE TABLE ${storm} (id int PRIMARY KEY, name text);
      INSERT INTO ${storm} SELECT n, 'first' FROM generate_series(0, ${KEYS - 1}) n`);
    const open = () => site().source(resource, { table: storm, chunkRows: 7 }, { strategy: 'log' });
    let source = await open();
    let reads = 0;
    const writers = Array.from({ length: WRITERS }, async (_, at) => {
      const session = await site().session();
      const mine = seededPick(seed * 100 + at);
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
    let target = emptyReplica;
    while (reads < READS) {
      const before = target;
      target = await replicateOrCrash(source, before, pick).catch((error: unknown) => {
        // the server failed over its own log: the engine tries again, and where it goes on failing all is copied again
        if (!isInternal(error)) throw error;
        return before;
      });
      if (++reads % 5 === 0) source = await open();
    }
    await written;
    for (let quiet = 0; quiet < 3; quiet++) target = await replicate(source, target);
    const { rows } = await db.query<{ id: string; name: string }>(`SELECT id, name FROM ${storm}`);
    const sorted = (entries: Iterable<readonly [string, string | null]>) => [...entries].sort();
    expect(sorted(target.rows)).toEqual(sorted(rows.map(({ id, name }) => [id, name] as const)));
  });
});

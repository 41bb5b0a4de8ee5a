import {
  emptyReplica,
  type Pick,
  replicate,
  replicateOrCrash,
  seededPick,
  stormSeeds,
} from '@qianzhi/testing';
import { expect, it } from 'vitest';
import type { LegacySession } from './test/database.js';
import { describeSite, resourceOf } from './test/site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);
const WRITERS = 3;
const READS = 40;
const KEYS = 60;

async function write({ run }: LegacySession, pick: Pick, goesOn: () => boolean): Promise<void> {
  await run('SET SESSION innodb_lock_wait_timeout = 1');
  while (goesOn()) {
    const kind = pick(300);
    // these commit by themselves
    if (kind === 0) await run('TRUNCATE storm').catch(metOthers);
    if (kind === 1) await run(`ALTER TABLE storm ADD COLUMN more_${pick(1e9)} INT`).catch(metOthers);
    const xid = kind % 10 === 5 ? `'x${pick(1e9)}'` : undefined;
    const end = pick(6) === 0 ? 'ROLLBACK' : 'COMMIT';
    await run(xid ? `XA START ${xid}` : 'START TRANSACTION');
    let whole = true;
    for (let statement = pick(4); statement >= 0 && whole; statement--)
      whole = await run(change(pick)).then(() => true, metOthers);
    if (xid) await run(`XA END ${xid}`).catch(metOthers);
    if (xid && whole) await run(`XA PREPARE ${xid}`);
    await run(`${xid ? 'XA ' : ''}${whole ? end : 'ROLLBACK'} ${xid ?? ''}`).catch(metOthers);
  }
}

/** Writers meet in locks and deadlocks, and in the table that another one alters, as programs do. */
const met = new Set([1205, 1213, 1399, 1402, 1412, 1613, 1614]);

function metOthers(error: { errno?: number }): false {
  if (met.has(error.errno ?? 0)) return false;
  throw error;
}

function change(pick: Pick): string {
  const [id, other] = [pick(KEYS), pick(KEYS)];
  const kind = pick(100);
  if (kind < 25) return `INSERT IGNORE INTO storm (id, name) VALUES (${id}, 'i${pick(1e6)}')`;
  if (kind < 35) return `REPLACE INTO storm (id, name) VALUES (${id}, 'r${pick(1e6)}')`;
  if (kind < 65) return `UPDATE storm SET name = 'u${pick(1e6)}' WHERE id = ${id}`;
  if (kind < 80) return `DELETE FROM storm WHERE id = ${id}`;
  return `UPDATE IGNORE storm SET id = ${other} WHERE id = ${id}`;
}

describeSite('mysql source: log under writers', (site) => {
  it.each(stormSeeds())('the target ends as the source, seed %i', async (seed) => {
    const pick = seededPick(seed);
    const { run } = site().db;
    await run('CREATE TABLE storm (id INT PRIMARY KEY, name VARCHAR(40))');
    await run(`INSERT INTO storm SELECT seq, 'first' FROM seq_0_to_${KEYS - 1}`);
    const open = () => site().source(resource, { table: 'storm', chunkRows: 7 }, { strategy: 'log' });
    let source = await open();
    let reads = 0;
    const writers = Array.from({ length: WRITERS }, async (_, at) =>
      write(await site().session(), seededPick(seed * 100 + at), () => reads < READS),
    );
    const written = Promise.all(writers);
    let target = emptyReplica;
    while (reads < READS) {
      target = await replicateOrCrash(source, target, pick);
      if (++reads % 5 === 0) source = await open();
    }
    await written;
    for (let quiet = 0; quiet < 3; quiet++) target = await replicate(source, target);
    const rows = await run('SELECT CAST(id AS CHAR), name FROM storm');
    const sorted = (entries: Iterable<readonly (string | null)[]>) => [...entries].map(String).sort();
    expect(sorted(target.rows)).toEqual(sorted(rows));
  });
});

import type { RowsBlock, Source } from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';
import { expect, it } from 'vitest';
import type { LegacySession } from './test/database.js';
import { describeSite, resourceOf, signal } from './test/site.js';

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
  { run }: LegacySession,
  pick: (limit: number) => number,
  goesOn: () => boolean,
): Promise<void> {
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

function change(pick: (limit: number) => number): string {
  const [id, other] = [pick(KEYS), pick(KEYS)];
  const kind = pick(100);
  if (kind < 25) return `INSERT IGNORE INTO storm (id, name) VALUES (${id}, 'i${pick(1e6)}')`;
  if (kind < 35) return `REPLACE INTO storm (id, name) VALUES (${id}, 'r${pick(1e6)}')`;
  if (kind < 65) return `UPDATE storm SET name = 'u${pick(1e6)}' WHERE id = ${id}`;
  if (kind < 80) return `DELETE FROM storm WHERE id = ${id}`;
  return `UPDATE IGNORE storm SET id = ${other} WHERE id = ${id}`;
}

describeSite('mysql source: log under writers', (site) => {
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
    const { run } = site().db;
    await run('CREATE TABLE storm (id INT PRIMARY KEY, name VARCHAR(40))');
    await run(`INSERT INTO storm SELECT seq, 'first' FROM seq_0_to_${KEYS - 1}`);
    const open = () => site().source(resource, { table: 'storm', chunkRows: 7 }, { strategy: 'log' });
    let source = await open();
    let reads = 0;
    const writers = Array.from({ length: WRITERS }, async (_, at) =>
      write(await site().session(), numbers(seed * 100 + at), () => reads < READS),
    );
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
    const rows = await run('SELECT CAST(id AS CHAR), name FROM storm');
    const sorted = (entries: Iterable<readonly (string | null)[]>) => [...entries].map(String).sort();
    expect(sorted(target.rows)).toEqual(sorted(rows));
  });
});

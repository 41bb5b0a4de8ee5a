import type { RowsBlock } from '@qianzhi/plugin-api';
import { afterEach, expect, it, vi } from 'vitest';
import { describeSource, signal } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

/** Slots are made and sessions opened meanwhile, beside other work. */
const came = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);

describeSource('postgres source: a read of the log that stays open', (site) => {
  const run = (sql: string) => site().db.query(sql);
  const slots = async () =>
    (
      await run(
        'SELECT slot_name, active, confirmed_flush_lsn FROM pg_replication_slots WHERE database = current_database()',
      )
    ).rows as { slot_name: string; active: string; confirmed_flush_lsn: string }[];

  afterEach(async () => {
    vi.restoreAllMocks();
    await site()[Symbol.asyncDispose]();
    await expect.poll(async () => (await slots()).some(({ active }) => active === 't')).toBe(false);
    await run(
      'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()',
    );
  });

  /** Reads on in the background; `texts` is what came, op first. */
  async function following(table: string, log?: object) {
    const source = await site().source(resource, { table, ...(log && { log }) }, { strategy: 'log' });
    expect(source.follows).toBe(true);
    const over = new AbortController();
    const texts: string[] = [];
    const checkpoints: string[] = [];
    const reading = (async () => {
      for await (const block of source.read(undefined, { blockBytes: 65_536, follow: over.signal }, signal)) {
        const { bytes, checkpoint } = block as RowsBlock;
        texts.push(...Buffer.from(bytes).toString().split('\n').filter(Boolean));
        checkpoints.push(checkpoint);
      }
    })();
    reading.catch(() => undefined); // told where it is awaited
    return { source, texts, checkpoints, over, reading };
  }

  const make = (table: string) =>
    run(`CREATE TABLE ${table} (id int PRIMARY KEY, name text); INSERT INTO ${table} VALUES (1, 'one')`);

  it('gives the copy, then each change as it comes, and what was committed before it is told to end', async () => {
    await make('followed');
    const { texts, over, reading } = await following('followed');
    await came(() => texts).toEqual(['S\t1\tone']);
    await run(`INSERT INTO followed VALUES (2, 'two')`);
    await came(() => texts.at(-1)).toBe('U\t2\ttwo');
    await run('DELETE FROM followed WHERE id = 1');
    await came(() => texts.at(-1)).toBe('D\t1\t\\N');
    await run(`INSERT INTO followed VALUES (3, 'three')`);
    over.abort();
    await reading;
    expect(texts.at(-1)).toBe('U\t3\tthree');
  });

  it('lets the server forget what is confirmed, while it waits', async () => {
    await make('confirmed');
    const { source, texts, checkpoints, over, reading } = await following('confirmed');
    await came(() => texts).toHaveLength(1);
    await run(`INSERT INTO confirmed VALUES (2, 'two')`);
    await came(() => texts).toHaveLength(2);
    const before = (await slots())[0]!.confirmed_flush_lsn;
    await source.confirm(checkpoints.at(-1)!, signal);
    await came(async () => (await slots())[0]!.confirmed_flush_lsn).not.toBe(before);
    over.abort();
    await reading;
  });

  it('is told by a check: how many slots there are, and what is kept for them', async () => {
    await make('checked');
    const { texts, over, reading } = await following('checked');
    await came(() => texts).toHaveLength(1);
    const connection = await site().open();
    const { notes } = await connection.check(signal);
    expect(notes.find(({ strategy }) => strategy === 'log')?.en).toMatch(
      /wal_level logical, 1 slots of ours \(0 lost\), at most \d+ MiB kept/,
    );
    over.abort();
    await reading;
  });

  it('copies again after a TRUNCATE, and goes on behind it', async () => {
    await make('emptied');
    const { texts, over, reading } = await following('emptied');
    await came(() => texts).toHaveLength(1);
    await run(`TRUNCATE emptied; INSERT INTO emptied VALUES (7, 'seven')`);
    await came(() => texts).toContain('S\t7\tseven');
    await run(`INSERT INTO emptied VALUES (8, 'eight')`);
    await came(() => texts.at(-1)).toBe('U\t8\teight');
    over.abort();
    await reading;
  });

  it('gives the slot up where the server keeps too much while it waits, copies, and goes on', async () => {
    await make('guarded');
    const { source, texts, over, reading } = await following('guarded', { maxLagMiB: 24 });
    await came(() => texts).toHaveLength(1);
    await run(`INSERT INTO guarded VALUES (2, 'two')`);
    await came(() => texts.at(-1)).toBe('U\t2\ttwo');
    const [kept] = await slots();
    // nothing is confirmed; it is looked at every 10 s. Other tests write log of the same server, but less
    await run(`CREATE TABLE bulk AS SELECT n, repeat(md5(n::text), 20) FROM generate_series(1, 48000) n`);
    const { now } = performance;
    vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 11_000);
    await run(`UPDATE guarded SET name = 'changed' WHERE id = 1`);
    await came(() => texts.slice(-2)).toEqual(['S\t1\tchanged', 'S\t2\ttwo']);
    expect(source.notices()).toMatchObject([{ code: 'copied-again', details: { reason: 'slot-dropped' } }]);
    expect(site().logged).toContainEqual(
      expect.objectContaining({ slot: kept!.slot_name, keptBytes: expect.any(Number) }),
    );
    await run('DELETE FROM guarded WHERE id = 2');
    await came(() => texts.at(-1)).toBe('D\t2\t\\N');
    over.abort();
    await reading;
  });
});

import { Connection as DriverConnection } from 'mysql2';
import { afterEach, expect, it, vi } from 'vitest';
import { batchOf, describeSite, keyed, reasons, type Site, signal, write } from './test/site.js';

const nothing = async () => {};
const snapshot = (id: string, part: number, last: boolean, totals?: { parts: number; rows: number }) => ({
  snapshot: { id, part, last, ...(totals && { totals }) },
});

/** Two parts of one snapshot. */
const parts = [
  batchOf(keyed, 2, ['S\ta\t1', 'S\tb\t2'], snapshot('s', 1, false)),
  batchOf(keyed, 3, ['S\tc\t3', 'S\td\t4'], snapshot('s', 2, true, { parts: 2, rows: 4 })),
];

async function oursIn(site: Site): Promise<(string | null)[]> {
  return site.values(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = ${`'${site.database.name}'`}
     AND table_name REGEXP '^qianzhi_(shadow|old)' ORDER BY 1`,
  );
}

describeSite('mysql target: snapshots', (site) => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('replaces a table that nothing hangs on, and keeps its indexes, comment and views', async () => {
    await site().db.run(
      `CREATE TABLE t (id VARCHAR(20) PRIMARY KEY, name VARCHAR(50) COMMENT '名称', KEY by_name (name)) COLLATE utf8mb4_bin COMMENT '表'`,
    );
    await site().db.run('CREATE VIEW v AS SELECT name FROM t');
    const before = await site().values(
      'SELECT create_time FROM information_schema.tables WHERE table_name = "none"',
    );
    expect(before).toEqual([]);
    const sink = await site().sink(keyed, { table: 't' });
    await write(sink, keyed, 1, ['U\told\t0']);
    const [, ddl] = (await site().db.run('SHOW CREATE TABLE t'))[0]!;
    expect((await sink.write(parts[0]!, nothing, signal)).stage).toBe('staged');
    expect(await site().values('SELECT id FROM t')).toEqual(['old']);
    const last = await sink.write(parts[1]!, nothing, signal);
    expect(last).toMatchObject({ stage: 'applied', counts: { delivered: 4, inserted: 4, rejected: 0 } });
    expect(await site().values('SELECT name FROM v ORDER BY 1')).toEqual(['1', '2', '3', '4']);
    expect((await site().db.run('SHOW CREATE TABLE t'))[0]![1]).toBe(ddl);
    expect(await oursIn(site())).toEqual([]);
    expect((await write(sink, keyed, 4, ['D\ta\t\\N'])).ledger.counts.deleted).toBe(1);
  });

  it.each([
    ['a trigger', 'CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW SET NEW.name = NEW.name'],
    [
      'a foreign key',
      'CREATE TABLE child (id VARCHAR(20), FOREIGN KEY (id) REFERENCES t (id)) COLLATE utf8mb4_bin',
    ],
    ['a further column', `ALTER TABLE t ADD COLUMN mine VARCHAR(10) DEFAULT 'kept'`],
  ])('merges where %s hangs on the table', async (_, ddl) => {
    await site().db.run('CREATE TABLE t (id VARCHAR(20) PRIMARY KEY, name VARCHAR(50)) COLLATE utf8mb4_bin');
    await site().db.run(ddl);
    const sink = await site().sink(keyed, { table: 't' });
    await write(sink, keyed, 1, ['U\ta\t1', 'U\tb\tx', 'U\tgone\t9']);
    await sink.write(parts[0]!, nothing, signal);
    const last = await sink.write(parts[1]!, nothing, signal);
    expect(last.counts).toMatchObject({ delivered: 4, inserted: 2, updated: 1, unchanged: 1 });
    expect(await site().values('SELECT id, name FROM t ORDER BY id')).toEqual(['a|1', 'b|2', 'c|3', 'd|4']);
    expect(await oursIn(site())).toEqual([]);
  });

  it('refuses a snapshot whose parts are not all there, or whose target was altered', async () => {
    const sink = await site().sink(keyed, { table: 't', create: true });
    const code = (batch: (typeof parts)[number]) =>
      sink.write(batch, nothing, signal).then(
        () => 'written',
        (error) => error.code,
      );
    expect(await code(parts[1]!)).toBe('QZ_MYSQL_SNAPSHOT_BROKEN');
    await sink.write(parts[0]!, nothing, signal);
    const few = batchOf(keyed, 3, ['S\tc\t3'], snapshot('s', 2, true, { parts: 2, rows: 4 }));
    expect(await code(few)).toBe('QZ_MYSQL_SNAPSHOT_BROKEN');
    await site().db.run('ALTER TABLE t MODIFY name VARCHAR(60)');
    expect(await code(parts[1]!)).toBe('QZ_MYSQL_SNAPSHOT_BROKEN');
    expect(
      await sink.write({ ...parts[0]!, snapshot: { id: 's', part: 1, last: false } }, nothing, signal),
    ).toMatchObject({ seq: parts[0]!.seq, stage: 'staged' });
    expect(await sink.ledgerHead(parts[0]!.delivery, signal)).toMatchObject({ seq: 2, stage: 'staged' });
    await sink.discardStaged(parts[0]!.delivery, signal);
    expect(await sink.ledgerHead(parts[0]!.delivery, signal)).toBeUndefined();
    expect(await oursIn(site())).toEqual([]);
  });

  /** Cuts the line at the nth statement: before the server gets it, or when it has been run. */
  function cutAt(statement: number, when: 'before' | 'behind'): { readonly sent: string[] } {
    const sent: string[] = [];
    const query = DriverConnection.prototype.query as (this: DriverConnection, ...args: unknown[]) => unknown;
    const cut = function (this: DriverConnection, ...args: unknown[]) {
      const [options, callback] = args as [{ sql: string } | string, (...result: unknown[]) => void];
      if (typeof options === 'string') return query.apply(this, args);
      sent.push(options.sql.trim().slice(0, 60));
      if (sent.length - 1 !== statement) return query.apply(this, args);
      const lost = () => {
        this.destroy();
        callback(Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
      };
      return when === 'before' ? lost() : query.apply(this, [options, lost]);
    };
    vi.spyOn(DriverConnection.prototype, 'query').mockImplementation(cut as never);
    return { sent };
  }

  it('finds its state again from a cut before or behind any statement of the last part', async () => {
    const target = { table: 't', create: true };
    const kinds = new Set<string>();
    for (let statement = 0; ; statement++) {
      let cut = 0;
      for (const when of ['before', 'behind'] as const) {
        await site().db.run('DROP TABLE IF EXISTS t');
        for (const table of ['ledger', 'targets', 'swaps'])
          await site().db.run(`DROP TABLE IF EXISTS qianzhi_${table}`);
        const sink = await site().sink(keyed, target);
        await write(sink, keyed, 1, ['U\told\t0']);
        await sink.write(parts[0]!, nothing, signal);
        const { sent } = cutAt(statement, when);
        const failed = await sink.write(parts[1]!, nothing, signal).then(
          () => false,
          () => true,
        );
        vi.restoreAllMocks();
        if (failed) {
          cut++;
          kinds.add(sent[statement]?.split(' ')[0] ?? '');
        }
        // what a reader sees is all of the old, or all of the new
        const seen = (await site().values('SELECT id FROM t ORDER BY id')).join();
        expect(['old', 'a,b,c,d']).toContain(seen);
        const again = await site().sink(keyed, { table: 't' });
        const row = await again.write(parts[1]!, nothing, signal);
        expect(row, `${when} ${statement} ${sent[statement]}`).toMatchObject({
          stage: 'applied',
          counts: { inserted: 4, delivered: 4 },
        });
        expect(await site().values('SELECT id FROM t ORDER BY id')).toEqual(['a', 'b', 'c', 'd']);
        expect((await again.ledgerAfter(parts[1]!.delivery, 0, 10, signal)).map(({ seq }) => seq)).toEqual([
          1, 2, 3,
        ]);
        await again[Symbol.asyncDispose]();
        await sink[Symbol.asyncDispose]();
      }
      if (cut === 0) break;
    }
    for (const kind of ['RENAME', 'COMMIT', 'INSERT', 'DELETE', 'DROP']) expect([...kinds]).toContain(kind);
  }, 120_000);

  it('applies a batch once whose session was ended in the middle of it', async () => {
    const sink = await site().sink(keyed, { table: 't', create: true });
    await write(sink, keyed, 1, ['U\ta\t1']);
    const batch = batchOf(keyed, 2, ['U\ta\t2', 'U\tb\t2', `U\tc\t${'x'.repeat(60)}`]);
    const killed = sink.write(
      batch,
      async () => {
        for (const thread of await site().values(
          `SELECT id FROM information_schema.processlist WHERE db = '${site().database.name}' AND id <> CONNECTION_ID()`,
        )) {
          await site().db.run(`KILL ${thread}`);
        }
      },
      signal,
    );
    await expect(killed).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await site().values('SELECT id, name FROM t')).toEqual(['a|1']);
    expect((await sink.ledgerHead(batch.delivery, signal))?.seq).toBe(1);
    const row = await sink.write(batch, nothing, signal);
    expect(row.counts).toMatchObject({ updated: 1, inserted: 1, rejected: 1 });
    expect(await sink.write(batch, nothing, signal)).toEqual(row);
    expect(await site().values('SELECT id, name FROM t ORDER BY id')).toEqual(['a|2', 'b|2']);
  });

  it('an abort in the middle of a batch leaves nothing of it, and the next write goes on', async () => {
    const sink = await site().sink(keyed, { table: 't', create: true });
    const controller = new AbortController();
    const batch = batchOf(keyed, 1, ['U\ta\t2', `U\tc\t${'x'.repeat(60)}`]);
    const aborted = sink.write(
      batch,
      async () => {
        controller.abort();
        await new Promise(() => {});
      },
      controller.signal,
    );
    // the one who quarantines does not answer any more, nor does it have to
    const ended = await Promise.race([
      aborted.catch((error) => error.kind),
      new Promise((resolve) => controller.signal.addEventListener('abort', () => resolve('aborted'))),
    ]);
    expect(['cancelled', 'aborted']).toContain(ended);
    const again = await site().sink(keyed, { table: 't' });
    expect((await again.write(batch, nothing, signal)).counts).toMatchObject({ inserted: 1, rejected: 1 });
    expect(await site().values('SELECT id, name FROM t')).toEqual(['a|2']);
  });

  it('a revoked snapshot leaves nothing behind, wherever its swap was cut', async () => {
    const sink = await site().sink(keyed, { table: 't', create: true });
    await write(sink, keyed, 1, ['U\told\t0']);
    await sink.write(parts[0]!, nothing, signal);
    const begun = async () => (await site().values('SELECT COUNT(*) FROM qianzhi_swaps'))[0] === '1';
    for (let statement = 0; !(await begun()); statement++) {
      cutAt(statement, 'before');
      await expect(sink.write(parts[1]!, nothing, signal)).rejects.toThrow();
      vi.restoreAllMocks();
    }
    await sink.discardStaged(parts[0]!.delivery, signal);
    expect(await site().values('SELECT id FROM t')).toEqual(['old']);
    expect(await oursIn(site())).toEqual([]);
    expect(await site().values('SELECT COUNT(*) FROM qianzhi_swaps')).toEqual(['0']);
    expect((await sink.ledgerHead(parts[0]!.delivery, signal))?.seq).toBe(1);
    expect(reasons(await write(sink, keyed, 2, ['U\tb\t1']))).toEqual([]);
  });
});

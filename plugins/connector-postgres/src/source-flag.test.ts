import { expect, it } from 'vitest';
import { describeSource, readAll, signal } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const resource = resourceOf([
  { column: 'org', type: 'C', key: true },
  { column: 'no', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);

describeSource('postgres source: flag', (site) => {
  const run = (sql: string) => site().db.query(sql);
  const open = (table: string, more: object = {}, config: object = {}) =>
    site().source(resource, { table, flag: { column: '标志' }, ...more }, { strategy: 'flag', config });
  const make = (table: string, flag: string) =>
    run(`CREATE TABLE ${table} (org text, no int, name text, "标志" ${flag}, PRIMARY KEY (org, no));
      INSERT INTO ${table} SELECT 'o' || n % 3, n, 'first' FROM generate_series(1, 50) n`);
  const pending = async (table: string, what: string) =>
    Number((await run(`SELECT count(*) AS n FROM ${table} WHERE "标志" ${what}`)).rows[0].n);
  /** After the full copy. */
  async function copied(table: string, more: object = {}) {
    const source = await open(table, more);
    const { checkpoints } = await readAll(source);
    return { source, checkpoint: checkpoints.at(-1) };
  }

  it.each([
    ['boolean', 'boolean NOT NULL DEFAULT false', { pending: false, done: true }, '= false'],
    ['NULL', 'char(1)', { pending: null, done: 'Y' }, 'IS NULL'],
    ['text', "varchar(10) NOT NULL DEFAULT '待取'", { pending: '待取', done: '已取' }, "= '待取'"],
  ])('takes flags of %s, and keys of several columns', async (kind, type, values, is) => {
    const table = `flags_${kind.toLowerCase()}`;
    await make(table, type);
    const { source, checkpoint } = await copied(table, { flag: { column: '标志', ...values } });
    const read = await readAll(source, checkpoint, { blockBytes: 200 });
    expect(read.rows).toHaveLength(50);
    await source.confirm(read.checkpoints[2]!, signal);
    const left = await pending(table, is);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(50);
    await source.confirm(read.checkpoints.at(-1)!, signal);
    expect(await pending(table, is)).toBe(0);
  });

  it('touches no row outside its condition, and none that came into the range meanwhile', async () => {
    await make('conditional', 'int NOT NULL DEFAULT 0');
    const { source, checkpoint } = await copied('conditional', { where: "org <> 'o0'" });
    const read = await readAll(source, checkpoint);
    await run(`INSERT INTO conditional VALUES ('o1', 0, 'new')`);
    await source.confirm(read.checkpoints.at(-1)!, signal);
    expect(await pending('conditional', '= 0')).toBe(16 + 1);
  });

  it('carries nothing twice to another run while receipts are missing, and sets all of it done when they come', async () => {
    await make('outage', 'int NOT NULL DEFAULT 0');
    const first = await copied('outage');
    const before = await readAll(first.source, first.checkpoint, { blockBytes: 300 });
    await run(`UPDATE outage SET name = 'second' WHERE no = 7; INSERT INTO outage VALUES ('o9', 99, 'late')`);
    const source = await open('outage');
    const next = await readAll(source, before.checkpoints.at(-1));
    expect(next.rows.map(([, no]) => no).sort()).toEqual(['7', '99']);
    expect(next.repeated).toBe(49);
    const last = await open('outage');
    const rest = await readAll(last, next.checkpoints.at(-1));
    expect(rest.rows).toEqual([]);
    await last.confirm(rest.checkpoints.at(-1)!, signal);
    expect(await pending('outage', '= 0')).toBe(0);
  });

  it('waits for nobody who holds a row longer than the lock timeout, and can be confirmed again', async () => {
    await make('held', 'int NOT NULL DEFAULT 0');
    const source = await open('held', {}, { lockTimeoutMs: 200 });
    const { checkpoints } = await readAll(source);
    const read = await readAll(source, checkpoints.at(-1));
    const other = await site().session();
    await other.query(`BEGIN; UPDATE held SET name = 'busy' WHERE no = 1`);
    await expect(source.confirm(read.checkpoints.at(-1)!, signal)).rejects.toMatchObject({
      code: 'QZ_POSTGRES_LOCKED',
    });
    expect(await pending('held', '= 0')).toBe(50);
    await other.query('COMMIT');
    await source.confirm(read.checkpoints.at(-1)!, signal);
    expect(await pending('held', '= 0')).toBe(1);
  });

  it('is refused before anything is read where it could not set a row done', async () => {
    await make('strict', 'int NOT NULL DEFAULT 0');
    await run('CREATE VIEW strict_view AS SELECT * FROM strict');
    const unfit = { code: 'QZ_POSTGRES_STRATEGY_UNFIT' };
    await expect(open('strict', {}, { readOnly: true })).rejects.toMatchObject(unfit);
    await expect(open('strict_view')).rejects.toMatchObject(unfit);
    await expect(open('strict', { flag: { column: '标志', pending: 1, done: 1 } })).rejects.toMatchObject(
      unfit,
    );
    await expect(open('strict', { flag: { column: 'no_flag' } })).rejects.toMatchObject(unfit);
    await run(`CREATE ROLE clerk7 LOGIN PASSWORD 'reader-password'; GRANT SELECT ON strict TO clerk7`);
    const clerk = { user: 'clerk7', password: 'reader-password' };
    await expect(open('strict', {}, clerk)).rejects.toMatchObject({ code: 'QZ_POSTGRES_NO_PERMISSION' });
    await run(`GRANT UPDATE ("标志") ON strict TO clerk7`);
    await using _may = await open('strict', {}, clerk);
    await run('DROP OWNED BY clerk7; DROP ROLE clerk7');
  });
});

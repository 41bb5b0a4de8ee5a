import { describeCapture, describeWithPostgres, noAbort } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from './test/database.js';
import { postgresHarness } from './test/harness.js';
import { describeSource, readAll } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

describeWithPostgres('connector-postgres', (url) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(url);
  });
  afterAll(() => database[Symbol.asyncDispose]());
  describeCapture(
    postgresHarness(() => database),
    (log, serial) =>
      `DELETE FROM ${log}; SELECT setval(pg_get_serial_sequence('${log}', 'qz_serial'), ${serial}, false)`,
  );
});

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);

describeSource('postgres capture', (site) => {
  const run = (sql: string) => site().db.query(sql);
  async function captured(table: string) {
    await run(
      `CREATE TABLE ${table} (id int PRIMARY KEY, name text); INSERT INTO ${table} VALUES (1, 'a'), (2, 'b')`,
    );
    const connection = await site().open();
    const capture = connection.capture!;
    const plan = await capture.plan({ table }, noAbort);
    await capture.install({ table }, noAbort);
    const open = () =>
      site().source(resource, { table, changeTable: plan.changeTable }, { strategy: 'change-table' });
    return { capture, plan, open };
  }

  it('sees TRUNCATE, which leads to a full copy', async () => {
    const { open } = await captured('emptied');
    const source = await open();
    const first = await readAll(source);
    await run(`TRUNCATE emptied; INSERT INTO emptied VALUES (3, 'c')`);
    const next = await readAll(source, first.checkpoints.at(-1));
    expect(next.rows).toEqual([['3', 'c']]);
  });

  it('finds a disabled trigger', async () => {
    const { capture, open } = await captured('silenced');
    await run('ALTER TABLE silenced DISABLE TRIGGER ALL');
    const states = (await capture.inspect({ table: 'silenced' }, noAbort)).map(({ state }) => state);
    expect(states).toEqual(['ok', 'ok', 'disabled', 'disabled']);
    await expect(open()).rejects.toMatchObject({ code: 'QZ_POSTGRES_CAPTURE_BROKEN' });
    await capture.install({ table: 'silenced' }, noAbort);
    await expect(open()).resolves.toBeDefined();
  });

  it('asks no rights of the application that writes the table', async () => {
    const { open } = await captured('guarded');
    await run(`CREATE ROLE clerk_${process.pid}; GRANT INSERT ON guarded TO clerk_${process.pid}`);
    const source = await open();
    const first = await readAll(source);
    await run(`SET ROLE clerk_${process.pid}; INSERT INTO guarded VALUES (9, 'z'); RESET ROLE`);
    const next = await readAll(source, first.checkpoints.at(-1));
    await run(`DROP OWNED BY clerk_${process.pid}; DROP ROLE clerk_${process.pid}`);
    expect(next.rows).toEqual([['9', 'z']]);
  });
});

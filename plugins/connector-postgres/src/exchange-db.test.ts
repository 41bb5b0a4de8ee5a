import { expect, it } from 'vitest';
import { describeSource } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const noAbort = new AbortController().signal;
const item = { column: 'code', type: 'C', length: 10 } as const;
const plain = resourceOf([{ ...item, key: true }]);

describeSource('postgres: tables of a 前置库', (site) => {
  const run = (sql: string) => site().db.query(sql);

  it.each([
    ['', 'short'],
    ['long', 'a'.repeat(60)],
  ])('grants let a login of the department do its part, and no more %s', async (_, code) => {
    const connection = await site().open();
    const login = `clerk_${code.slice(0, 5)}_${process.pid}`;
    await run(`CREATE ROLE ${login}; GRANT USAGE ON SCHEMA public TO ${login}`);
    const as = (sql: string) => run(`SET ROLE ${login}; ${sql}`).finally(() => run('RESET ROLE'));
    for (const side of ['out', 'in'] as const) {
      const { tables, statements, grants } = connection.exchangeDb!.plan({
        resource: { ...plain, code },
        side,
      });
      await connection.exchangeDb!.create(
        statements.map(({ sql }) => sql),
        noAbort,
      );
      for (const grant of grants) await run(`${grant} TO ${login}`);
      const [table] = tables;
      const add = `INSERT INTO ${table} (qz_op, code) VALUES ('U', '1')`;
      if (side === 'out') {
        await as(add);
        await expect(as(`UPDATE ${table} SET code = '2'`)).rejects.toMatchObject({ code: '42501' });
      } else {
        await run(add);
        await as(`UPDATE ${table} SET qz_status = 1 WHERE qz_status = 0`);
        await expect(as(add)).rejects.toMatchObject({ code: '42501' });
        expect((await as(`SELECT * FROM ${tables[1]}`)) as object).toBeDefined();
      }
    }
    await run(`DROP OWNED BY ${login}; DROP ROLE ${login}`);
  });

  it('are made whatever an item is called: its name never ends the code of a function', async () => {
    const column = 'a$qz$ LANGUAGE plpgsql; CREATE TABLE planted (); --$qianzhi$';
    const resource = resourceOf([
      { ...item, key: true },
      { ...item, column },
    ]);
    const connection = await site().open();
    const { tables, statements } = connection.exchangeDb!.plan({
      resource: { ...resource, code: 'odd' },
      side: 'in',
    });
    await connection.exchangeDb!.create(
      statements.map(({ sql }) => sql),
      noAbort,
    );
    expect((await run(`SELECT to_regclass('planted') AS found`)).rows).toEqual([{ found: null }]);
    await run(`INSERT INTO ${tables[1]} VALUES ('1', 'x')`);
    expect((await run(`SELECT count(*) AS n FROM ${tables[0]}`)).rows).toEqual([{ n: '1' }]);
  });
});

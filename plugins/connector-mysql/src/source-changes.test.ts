import { expect, it } from 'vitest';
import { codeOf, describeSite, readAll, resourceOf, signal } from './test/site.js';

const resource = resourceOf([
  { column: 'code', type: 'C', length: 20, key: true },
  { column: 'name', type: 'C', length: 50 },
]);
const changeTable = { table: 'log', serial: 'id', op: 'op', key: { code: 'k' }, purge: true };

describeSite('mysql source: change table', (site) => {
  const make = async () => {
    await site().db.run(
      'CREATE TABLE t (code VARCHAR(20) PRIMARY KEY, name VARCHAR(50)) COLLATE utf8mb4_general_ci',
    );
    await site().db.run(
      'CREATE TABLE log (id BIGINT AUTO_INCREMENT PRIMARY KEY, op CHAR(10), k VARCHAR(20)) COLLATE utf8mb4_bin',
    );
    await site().db.run(`INSERT INTO t VALUES ('a', '1'), ('b', '2')`);
    await site().db.run(`INSERT INTO log (op, k) VALUES ('I', 'a'), ('I', 'b')`);
    const source = await site().source(resource, { table: 't', changeTable }, { strategy: 'change-table' });
    let checkpoint: string | undefined;
    return async () => {
      const read = await readAll(source, checkpoint);
      checkpoint = read.checkpoints.at(-1) ?? checkpoint;
      if (checkpoint) await source.confirm(checkpoint, signal);
      return read.rows.map((row, at) => `${read.ops[at]} ${row.join(' ')}`);
    };
  };

  it('waits for serials that commit out of their order, and purges what has its receipt', async () => {
    const read = await make();
    expect(await read()).toEqual(['S a 1', 'S b 2']);
    expect(await site().values('SELECT COUNT(*) FROM log')).toEqual(['0']);
    const slow = await site().session();
    await slow.run('START TRANSACTION');
    await slow.run(`INSERT INTO t VALUES ('c', '3')`);
    await slow.run(`INSERT INTO log (op, k) VALUES ('I', 'c')`);
    await site().db.run(`UPDATE t SET name = '9' WHERE code = 'a'`);
    await site().db.run(`INSERT INTO log (op, k) VALUES ('U', 'a')`);
    expect(await read()).toEqual(['U a 9']);
    await slow.run('COMMIT');
    expect(await read()).toEqual(['U c 3']);
    expect(await site().values('SELECT COUNT(*) FROM log')).toEqual(['0']);
    await site().db.run(`DELETE FROM t WHERE code = 'b'`);
    await site().db.run(`INSERT INTO log (op, k) VALUES ('delete ', 'b'), ('?', 'a')`);
    expect(await read()).toEqual(['D b ', 'U a 9']);
    await site().db.run("INSERT INTO log (op, k) VALUES (NULL, 'a')");
    expect(await read()).toEqual(['U a 9']);
  });

  it('goes on behind each block, whatever was read ahead of it', async () => {
    await make();
    const more = { changeTable: { ...changeTable, purge: false }, table: 't' };
    const source = await site().source(resource, more, { strategy: 'change-table' });
    const first = (await readAll(source)).checkpoints.at(-1);
    for (let n = 0; n < 40; n++) {
      await site().db.run(`INSERT INTO t VALUES ('n${n}', '${n}')`);
      await site().db.run(`INSERT INTO log (op, k) VALUES ('I', 'n${n}')`);
    }
    const whole = await readAll(source, first, { blockBytes: 1 });
    expect(whole.rows.map(([, name]) => name)).toEqual(Array.from({ length: 40 }, (_, n) => String(n)));
    expect(whole.checkpoints.length).toBe(40);
    for (const [at, checkpoint] of whole.checkpoints.entries()) {
      expect((await readAll(source, checkpoint)).rows, `behind change ${at}`).toEqual(
        whole.rows.slice(at + 1),
      );
    }
  });

  it('begins a full copy after a truncation', async () => {
    const read = await make();
    await read();
    await site().db.run('TRUNCATE t');
    await site().db.run(`INSERT INTO t VALUES ('z', '26')`);
    await site().db.run(`INSERT INTO log (op, k) VALUES ('U', 'b'), ('T', NULL), ('I', 'z')`);
    expect(await read()).toEqual(['D b ', 'S z 26']);
    expect(await read()).toEqual([]);
  });

  it('refuses what it cannot follow when it is opened', async () => {
    await make();
    const open = (change: object, config = {}) =>
      codeOf(() =>
        site().source(
          resource,
          { table: 't', changeTable: { ...changeTable, ...change } },
          { strategy: 'change-table', config },
        ),
      );
    expect(await open({ serial: 'op' })).toBe('QZ_MYSQL_STRATEGY_UNFIT');
    expect(await open({ key: { code: 'none' } })).toBe('QZ_MYSQL_COLUMN_MISSING');
    expect(await open({ table: 'none' })).toBe('QZ_MYSQL_TABLE_MISSING');
    expect(await open({}, { readOnly: true })).toBe('QZ_MYSQL_STRATEGY_UNFIT');
  });
});

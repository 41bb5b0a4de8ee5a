import type { Source } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { describeSource, readAll, signal } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);

describeSource('postgres source: change table', (site) => {
  const run = (sql: string) => site().db.query(sql);
  const open = (table: string, more: object = {}, purge = true) =>
    site().source(
      resource,
      { table, changeTable: { table: `${table}_log`, serial: 'serial', op: 'op', purge }, ...more },
      { strategy: 'change-table' },
    );
  const make = async (table: string) => {
    await run(`CREATE TABLE ${table} (id int PRIMARY KEY, name text);
      CREATE TABLE ${table}_log (serial bigserial PRIMARY KEY, op text NOT NULL, id int);
      CREATE FUNCTION ${table}_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO ${table}_log (op, id) VALUES (left(TG_OP, 1), coalesce(new.id, old.id)); RETURN NULL; END $$;
      CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE PROCEDURE ${table}_log();
      INSERT INTO ${table} SELECT n, 'first' FROM generate_series(1, 5) n`);
  };
  const left = async (table: string) => {
    const { rows } = await run(
      `SELECT string_agg(serial::text, ' ' ORDER BY serial) AS left FROM ${table}_log`,
    );
    return rows[0].left as string | null;
  };

  /** Reads from checkpoint to checkpoint and confirms each, as scheduled runs do. */
  function follower(source: Source) {
    let checkpoint: string | undefined;
    return async () => {
      const read = await readAll(source, checkpoint);
      checkpoint = read.checkpoints.at(-1) ?? checkpoint;
      if (checkpoint) await source.confirm(checkpoint, signal);
      return read.rows.map((row, at) => `${read.ops[at]}${row[0]}`);
    };
  }

  it('follows a table of changes whose ops say nothing of rows that are gone', async () => {
    await make('plain');
    const ops = { delete: [], truncate: [] };
    const changeTable = { table: 'plain_log', serial: 'serial', op: 'op', ops };
    const read = follower(await open('plain', { changeTable }));
    expect(await read()).toEqual(['S1', 'S2', 'S3', 'S4', 'S5']);
    await run(`DELETE FROM plain WHERE id = 3; UPDATE plain SET name = 'second' WHERE id = 4`);
    expect(await read()).toEqual(['D3', 'U4']);
  });

  it('takes an op that is NULL for no word about the row', async () => {
    await make('silent');
    await run('ALTER TABLE silent_log ALTER op DROP NOT NULL');
    const read = follower(await open('silent'));
    expect(await read()).toEqual(['S1', 'S2', 'S3', 'S4', 'S5']);
    await run(`INSERT INTO silent_log (op, id) VALUES (NULL, 2), (NULL, 9)`);
    expect(await read()).toEqual(['U2', 'D9']);
  });

  it('finds changes that commit after later ones, and never purges them unread', async () => {
    await make('late');
    const read = follower(await open('late'));
    expect(await read()).toEqual(['S1', 'S2', 'S3', 'S4', 'S5']);
    const early = await site().session();
    await early.query(`BEGIN; UPDATE late SET name = 'early' WHERE id IN (1, 2)`);
    await run(`UPDATE late SET name = 'second' WHERE id IN (3, 4)`);
    expect(await read()).toEqual(['U3', 'U4']);
    expect(await read()).toEqual([]);
    await early.query('COMMIT');
    expect(await left('late')).toBe('6 7');
    expect(await read()).toEqual(['U1', 'U2']);
    expect(await left('late')).toBe(null);
    await run('DELETE FROM late WHERE id = 3');
    expect(await read()).toEqual(['D3']);
  });

  it('finds changes that were open while the first copy was taken', async () => {
    await make('copied');
    const early = await site().session();
    await early.query(`BEGIN; UPDATE copied SET name = 'early' WHERE id = 1`);
    await run(`UPDATE copied SET name = 'second' WHERE id = 2`);
    const read = follower(await open('copied'));
    expect((await read()).length).toBe(5);
    await early.query('COMMIT');
    expect(await read()).toEqual(['U1']);
  });

  it('a hole that a rollback left does no harm, and is forgotten', async () => {
    await make('rolled');
    const source = await open('rolled');
    const read = follower(source);
    await read();
    for (let round = 0; round < 3; round++) {
      await run(`BEGIN; UPDATE rolled SET name = 'never'; ROLLBACK`);
      await run(`UPDATE rolled SET name = 'round ${round}' WHERE id = 4`);
      expect(await read()).toEqual(['U4']);
    }
    expect(await left('rolled')).toBe(null);
  });

  it('reads each change once, however the read is cut', async () => {
    await make('cut');
    const source = await open('cut', { chunkRows: 4 }, false);
    const first = await readAll(source);
    const early = await site().session();
    await early.query(`BEGIN; UPDATE cut SET name = 'early' WHERE id = 1`);
    await run(
      `INSERT INTO cut SELECT n, repeat('x', 40) FROM generate_series(10, 40) n; DELETE FROM cut WHERE id > 35`,
    );
    const whole = await readAll(source, first.checkpoints.at(-1), { blockBytes: 200 });
    expect(whole.rows.length).toBe(36);
    await early.query('COMMIT');
    for (const [at, checkpoint] of whole.checkpoints.entries()) {
      const rest = await readAll(source, checkpoint);
      const sizes = await readAll(source, first.checkpoints.at(-1), { blockBytes: 200 });
      expect(sizes.rows.length).toBe(37);
      expect(rest.rows.filter((row) => row[0] === '1').length, `behind block ${at}`).toBe(1);
      const keys = new Set([...whole.rows, ...rest.rows].map((row) => row[0]));
      expect(keys.size).toBe(32);
      if (at === whole.checkpoints.length - 1) expect(rest.rows.length).toBe(1);
    }
  });

  it('a truncation leads to a full copy', async () => {
    await make('truncated');
    const read = follower(await open('truncated'));
    await read();
    await run(`UPDATE truncated SET name = 'x' WHERE id = 1; TRUNCATE truncated;
      INSERT INTO truncated_log (op) VALUES ('truncate'); INSERT INTO truncated VALUES (7, 'new')`);
    expect(await read()).toEqual(['D1', 'S7']);
    expect(await read()).toEqual([]);
    await run(`UPDATE truncated SET name = 'again'`);
    expect(await read()).toEqual(['U7']);
  });

  it('a row that leaves the condition is deleted, and one that was never in it, too, harmlessly', async () => {
    await make('scoped');
    const read = follower(await open('scoped', { where: `name <> 'hidden'` }));
    await read();
    await run(`UPDATE scoped SET name = 'hidden' WHERE id = 2; UPDATE scoped SET name = 'seen' WHERE id = 3`);
    expect(await read()).toEqual(['D2', 'U3']);
  });

  it('takes key columns of other names and types, and ops in the words of the program', async () => {
    await run(`CREATE TABLE worded (id bigint PRIMARY KEY, name text); INSERT INTO worded VALUES (1, 'a'), (2, 'b');
      CREATE SCHEMA logs; CREATE TABLE logs.worded_log (no int GENERATED ALWAYS AS IDENTITY (INCREMENT 10) PRIMARY KEY, what char(4), code text)`);
    const changeTable = {
      schema: 'logs',
      table: 'worded_log',
      serial: 'no',
      op: 'what',
      key: { id: 'code' },
      ops: { delete: ['删'], truncate: [] },
      purge: true,
    };
    const spec = { table: 'worded', changeTable };
    const read = follower(await site().source(resource, spec, { strategy: 'change-table' }));
    expect(await read()).toEqual(['S1', 'S2']);
    await run(`INSERT INTO logs.worded_log (what, code) VALUES ('改', '2'), ('删', '1'), ('改', '9')`);
    expect(await read()).toEqual(['U2', 'D1', 'D9']);
    expect((await run('SELECT 1 FROM logs.worded_log')).rowCount).toBe(0);
  });

  it('refuses what it cannot follow when it is opened', async () => {
    await make('refused');
    await run(`CREATE TABLE loose_log (serial int, op text, id int);
      CREATE ROLE reader2 LOGIN PASSWORD 'reader-password'; GRANT SELECT ON refused, refused_log TO reader2`);
    const code = (changeTable: object, config: object = {}) =>
      site()
        .source(resource, { table: 'refused', changeTable }, { strategy: 'change-table', config })
        .then(
          () => 'opened',
          (error) => error.code,
        );
    const right = { table: 'refused_log', serial: 'serial', op: 'op' };
    const reader = { user: 'reader2', password: 'reader-password' };
    expect(await code({ ...right, table: 'no_log' })).toBe('QZ_POSTGRES_TABLE_MISSING');
    expect(await code({ ...right, op: 'verb' })).toBe('QZ_POSTGRES_COLUMN_MISSING');
    expect(await code({ ...right, table: 'loose_log' })).toBe('QZ_POSTGRES_STRATEGY_UNFIT');
    expect(await code({ ...right, purge: true }, { readOnly: true })).toBe('QZ_POSTGRES_STRATEGY_UNFIT');
    expect(await code(right, reader)).toBe('opened');
    expect(await code({ ...right, purge: true }, reader)).toBe('QZ_POSTGRES_NO_PERMISSION');
    await run('DROP OWNED BY reader2; DROP ROLE reader2');
  });
});

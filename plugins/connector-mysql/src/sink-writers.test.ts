import { rowsReadBack } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import {
  batchOf,
  codeOf,
  deliveryOf,
  describeSite,
  keyed,
  reasons,
  resourceOf,
  signal,
  write,
} from './test/site.js';

const rowsOf = (op: 'S' | 'U', first: number, count: number, name = '名') =>
  Array.from(
    { length: count },
    (_, at) => `${op}\tE${String(first + at).padStart(4, '0')}\t${name}${first + at}`,
  );

describeSite('mysql target: writers', (site) => {
  it('never takes a key for another one that only its collation takes for the same', async () => {
    await site().db.run(
      'CREATE TABLE t (id VARCHAR(20) PRIMARY KEY, name VARCHAR(50)) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    );
    const sink = await site().sink(keyed, { table: 't' });
    const first = await write(sink, keyed, 1, [
      'U\ta\t1',
      'U\tA\t2',
      'U\té\t3',
      'U\te\t4',
      'U\tx\t5',
      'U\tx \t6',
    ]);
    expect(reasons(first)).toEqual(['1 * duplicate-key', '3 * duplicate-key', '5 * duplicate-key']);
    const second = await write(sink, keyed, 2, ['U\tA\t7', 'U\ta\t8', 'D\tE\t\\N', 'D\té\t\\N']);
    expect(reasons(second)).toEqual(['0 * duplicate-key']);
    expect(second.ledger.counts).toMatchObject({ updated: 1, deleted: 1, unchanged: 1, rejected: 1 });
    expect(await site().values('SELECT id, name FROM t ORDER BY id')).toEqual(['a|8', 'x|5']);
    // a key that is gone makes room for the other one
    const third = await write(sink, keyed, 3, ['D\ta\t\\N', 'U\tA\t9']);
    expect(third.ledger.counts).toMatchObject({ deleted: 1, inserted: 1 });
    const snapshot = await write(sink, keyed, 4, ['S\ta\t1', 'S\tX\t2', 'S\tÁ\t3']);
    expect(reasons(snapshot)).toEqual(['2 * duplicate-key']);
    expect(await site().values('SELECT id FROM t ORDER BY id')).toEqual(['a', 'X']);
    const notes = await (await site().open()).tryTarget!(
      { exchange: 'x', resource: keyed, target: { table: 't' } },
      signal,
    );
    expect(notes.map(({ error }) => error?.code)).toEqual(['QZ_MYSQL_KEY_LOOSE']);
  });

  it('keeps such keys apart in a table of its own making', async () => {
    const sink = await site().sink(keyed, { table: 't', create: true });
    const { ledger } = await write(sink, keyed, 1, ['U\ta\t1', 'U\tA\t2', 'U\té\t3', 'U\te\t4']);
    expect(ledger.counts).toMatchObject({ inserted: 4, rejected: 0 });
    expect(await site().values(`SELECT id FROM t WHERE id = 'a'`)).toEqual(['a']);
  });

  it('changes a text that differs in case, accents or blanks only', async () => {
    await site().db.run(
      'CREATE TABLE t (id VARCHAR(20) PRIMARY KEY, name VARCHAR(50)) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    );
    const sink = await site().sink(keyed, { table: 't' });
    await write(sink, keyed, 1, ['U\t1\ta', 'U\t2\te', 'U\t3\tx', 'U\t4\tsame']);
    const { ledger } = await write(sink, keyed, 2, ['U\t1\tA', 'U\t2\té', 'U\t3\tx ', 'U\t4\tsame']);
    expect(ledger.counts).toMatchObject({ updated: 3, unchanged: 1 });
    expect(await site().values('SELECT name FROM t ORDER BY id')).toEqual(['A', 'é', 'x ', 'same']);
  });

  it('writes by INSERT where LOAD DATA LOCAL is off, and says so', async () => {
    const sink = await site().sink(keyed, { table: 't', create: true }, { config: { loadData: 'off' } });
    const odd = `U\tq'\\\\\t"x'\\\\n\\n\\t\\\\N\u{1f600}`;
    const { ledger } = await write(sink, keyed, 1, [
      odd,
      'U\tnull\t\\N',
      'U\tempty\t',
      ...rowsOf('U', 1, 3000),
    ]);
    expect(ledger.counts).toMatchObject({ inserted: 3003, rejected: 0 });
    expect(
      await site().values(`SELECT name FROM t WHERE id LIKE 'q%' OR id IN ('null', 'empty') ORDER BY id`),
    ).toEqual(['', null, `"x'\\n\n\t\\N\u{1f600}`]);
    expect((await write(sink, keyed, 2, [odd])).ledger.counts.unchanged).toBe(1);
  });

  it('isolates rows that foreign keys, triggers and other unique indexes refuse', async () => {
    await site().db.run('CREATE TABLE kind (name VARCHAR(50) PRIMARY KEY) COLLATE utf8mb4_bin');
    await site().db.run(`INSERT INTO kind VALUES ('a'), ('b'), ('taboo')`);
    await site().db.run(
      'CREATE TABLE t (id VARCHAR(20) PRIMARY KEY, name VARCHAR(50) NOT NULL, FOREIGN KEY (name) REFERENCES kind (name)) COLLATE utf8mb4_bin',
    );
    await site().db.run(`CREATE TRIGGER guard BEFORE INSERT ON t FOR EACH ROW
      BEGIN IF NEW.name = 'taboo' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF; END`);
    const sink = await site().sink(keyed, { table: 't' });
    const lines = Array.from(
      { length: 300 },
      (_, at) => `U\t${at}\t${at === 77 ? 'taboo' : at === 150 ? 'c' : at === 222 ? '\\N' : 'ab'[at % 2]}`,
    );
    const delta = await write(sink, keyed, 1, lines);
    expect(reasons(delta)).toEqual(['77 * refused-by-trigger', '150 * foreign-key', '222 name required']);
    expect(delta.ledger.counts).toMatchObject({ inserted: 297, rejected: 3 });
    const snapshot = await write(
      sink,
      keyed,
      2,
      lines.map((line) => line.replace('U', 'S').replace('S\t4\ta', 'S\t4\tb')),
    );
    expect(
      reasons(snapshot)
        .map((each) => each.replace(/^\d+ /, ''))
        .sort(),
    ).toEqual(['* foreign-key', '* refused-by-trigger', 'name required']);
    expect(snapshot.ledger.counts).toMatchObject({ updated: 1, rejected: 3, unchanged: 296 });
    expect(
      Buffer.from(snapshot.rejected.find(({ reason }) => reason === 'foreign-key')!.bytes).toString(),
    ).toBe('S\t150\tc\n');
  });

  it('keeps what several suppliers deliver apart', async () => {
    const target = { table: 't', create: true, shared: true };
    const one = await site().sink(keyed, target, { exchange: 'one' });
    const two = await site().sink(keyed, target, { exchange: 'two' });
    const of = (agent: string) => ({ delivery: deliveryOf(agent) });
    await write(one, keyed, 1, ['S\ta\t1', 'S\tb\t1'], of('one'));
    await write(two, keyed, 1, ['S\tb\t1', 'S\tc\t2'], of('two'));
    expect(await site().values('SELECT id FROM t ORDER BY id')).toEqual(['a', 'b', 'c']);
    const read = async (agent: string) =>
      rowsReadBack(await site().open(), { exchange: 'x', resource: keyed, target, ...of(agent) }, signal);
    expect(await read('one')).toEqual(['a|1', 'b|1']);
    expect(await read('two')).toEqual(['b|1', 'c|2']);
    await write(one, keyed, 2, ['D\tb\t\\N', 'D\ta\t\\N'], of('one'));
    expect(await site().values('SELECT id FROM t ORDER BY id')).toEqual(['b', 'c']);
    await write(two, keyed, 2, ['S\tc\t2'], of('two'));
    expect(await site().values('SELECT id FROM t ORDER BY id')).toEqual(['c']);
    const other = await site().sink(keyed, { table: 't' }, { exchange: 'three' });
    expect(await codeOf(() => write(other, keyed, 1, ['U\tz\t1'], of('three')))).toBe(
      'QZ_MYSQL_TARGET_TAKEN',
    );
  });

  it('fences an instance that another one has replaced, and ends one that is frozen', async () => {
    const target = { table: 't', create: true };
    const first = await site().sink(keyed, target);
    await write(first, keyed, 1, ['U\ta\t1']);
    const second = await site().sink(keyed, target, { config: { lockTimeoutMs: 1000 } });
    await write(second, keyed, 2, ['U\tb\t1']);
    expect(await codeOf(() => write(first, keyed, 3, ['U\tc\t1']))).toBe('QZ_MYSQL_WRITER_FENCED');
    // waits for a quarantine that never answers, holding lock and transaction
    let frozen: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      frozen = resolve;
    });
    const third = await site().sink(keyed, target);
    const stuck = third
      .write(batchOf(keyed, 3, [`U\tx\t${'y'.repeat(60)}`]), () => new Promise(() => frozen()), signal)
      .catch((error) => error.code);
    await waiting;
    const fourth = await site().sink(keyed, { table: 't' }, { config: { lockTimeoutMs: 1000 } });
    expect((await write(fourth, keyed, 3, ['U\td\t1'])).ledger.counts.inserted).toBe(1);
    void stuck;
    expect(await site().values('SELECT id FROM t ORDER BY id')).toEqual(['a', 'b', 'd']);
  });

  it('refuses targets that it could not keep its promises on', async () => {
    await site().db.run('CREATE TABLE isam (id VARCHAR(20) PRIMARY KEY, name VARCHAR(50)) ENGINE=MyISAM');
    await site().db.run('CREATE TABLE prefix (id VARCHAR(20), name VARCHAR(50), UNIQUE (id(3)))');
    await site().db.run(
      'CREATE TABLE more (id VARCHAR(20) PRIMARY KEY, name VARCHAR(50), must INT NOT NULL)',
    );
    await site().db.run('CREATE VIEW seen AS SELECT * FROM isam');
    const open = (table: string, more = {}) => codeOf(() => site().sink(keyed, { table }, more));
    expect(await open('isam')).toBe('QZ_MYSQL_TARGET_UNFIT');
    expect(await open('prefix')).toBe('QZ_MYSQL_TARGET_KEY');
    expect(await open('more')).toBe('QZ_MYSQL_TARGET_COLUMN_REQUIRED');
    expect(await open('seen')).toBe('QZ_MYSQL_TARGET_IS_VIEW');
    expect(await open('none')).toBe('QZ_MYSQL_TABLE_MISSING');
    expect(await open('isam', { config: { readOnly: true } })).toBe('QZ_MYSQL_TARGET_READ_ONLY');
    expect(await open('isam', { write: 'append' })).toBe('QZ_MYSQL_WRITE_MODE');
    const keyless = resourceOf([{ column: 'name', type: 'C', length: 50 }]);
    const sink = await site().sink(keyless, { table: 'keyless', create: true });
    expect(await codeOf(() => write(sink, keyless, 1, ['U\ta']))).toBe('QZ_MYSQL_DELTA_WITHOUT_KEY');
    await write(sink, keyless, 1, ['S\ta', 'S\ta', 'S\t\\N']);
    expect((await write(sink, keyless, 2, ['S\ta', 'S\tb'])).ledger.counts).toMatchObject({ inserted: 2 });
    expect(await site().values('SELECT name FROM keyless ORDER BY name')).toEqual(['a', 'b']);
  });
});

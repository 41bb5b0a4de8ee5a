import { createLogGroup, type LogGroup, type LogMember, seededPick } from '@qianzhi/testing';
import { beforeEach, expect, it } from 'vitest';
import type { LegacySession } from './test/database.js';
import { describeSite } from './test/site.js';

const came = <T>(look: () => T) => expect.poll(look, { timeout: 25_000 });

describeSite('mysql source: one dump for many resources', (site) => {
  const run = async (...statements: readonly string[]) => {
    for (const statement of statements) await site().db.run(statement);
  };
  let group: LogGroup;
  let names = 0;
  let before: ReadonlySet<string>;

  /** Threads that dump the log, by number: other tests have theirs. */
  const dumps = async () => {
    const rows = await site().db.run(
      `SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'`,
    );
    return new Set(rows.map(([id]) => id!));
  };
  const ours = async () => [...(await dumps())].filter((id) => !before.has(id)).length;

  beforeEach(async () => {
    group = createLogGroup(site(), `agent-${++names}/source`);
    before = await dumps();
  });

  const make = (table: string) =>
    run(
      `CREATE TABLE ${table} (id INT PRIMARY KEY, name VARCHAR(40))`,
      `INSERT INTO ${table} SELECT seq, 'first' FROM seq_1_to_5`,
    );
  const rowsOf = async (table: string) =>
    (await site().db.run(`SELECT id, name FROM ${table} ORDER BY CAST(id AS CHAR)`)) as string[][];
  const held = ({ target }: LogMember) => [...target.rows].sort(([a], [b]) => (a < b ? -1 : 1));
  const equals = async (...members: readonly LogMember[]) => {
    for (const member of members) {
      const rows = await rowsOf(member.table);
      await came(() => held(member)).toEqual(rows);
    }
  };

  async function write(session: LegacySession, table: string, seed: number): Promise<void> {
    const pick = seededPick(seed);
    for (let each = 0; each < 150; each++) {
      await session.run('START TRANSACTION');
      for (let statement = pick(3); statement >= 0; statement--) {
        const [id, other, kind] = [pick(60), pick(60), pick(100)];
        if (kind < 50) await session.run(`REPLACE INTO ${table} VALUES (${id}, 'i${pick(1e6)}')`);
        else if (kind < 70) await session.run(`DELETE FROM ${table} WHERE id = ${id}`);
        else await session.run(`UPDATE IGNORE ${table} SET id = ${other} WHERE id = ${id}`);
      }
      await session.run(pick(6) === 0 ? 'ROLLBACK' : 'COMMIT');
    }
  }

  it('three resources under writers share one dump; one is emptied, one crashes, one comes late', async () => {
    const tables = ['storm_a', 'storm_b', 'storm_c'];
    for (const table of tables) await make(table);
    const [a, b] = [group.add('storm_a'), group.add('storm_b')];
    await a.start();
    await b.start();
    await came(() => a.target.rows.size * b.target.rows.size).toBe(25);
    const sessions = await Promise.all(tables.map(() => site().session()));
    const written = Promise.all(sessions.map((session, at) => write(session, tables[at]!, at + 1)));
    const c = group.add('storm_c');
    await c.start();
    await run('TRUNCATE storm_b');
    for (let crash = 0; crash < 4; crash++) {
      await a.crash();
      await a.start();
      const { committed } = a;
      await run(`REPLACE INTO storm_a VALUES (2000, 'crash ${crash}')`);
      await came(() => a.committed !== committed).toBe(true);
    }
    await written;
    await run(`INSERT INTO storm_a VALUES (1000, 'last')`, `INSERT INTO storm_b VALUES (1000, 'last')`);
    await equals(a, b, c);
    await came(ours).toBe(1);
    for (const member of [a, b, c]) await member.stop();
    expect([a.copied, b.copied, c.copied]).toEqual([[], ['truncated'], []]);
    await came(ours).toBe(0);
  });

  it('a reader that stalls holds nobody; it catches up beside the others and joins them again', async () => {
    await make('slow');
    await make('quick');
    const [slow, quick] = [group.add('slow'), group.add('quick')];
    await slow.start();
    await quick.start();
    await equals(slow, quick);
    const goOn = slow.stall();
    for (let part = 1; part < 3; part++)
      await run(
        `INSERT INTO slow SELECT seq, 'bulk' FROM seq_${part}00000_to_${part}79999`,
        `UPDATE quick SET name = 'q${part}'`,
      );
    await equals(quick);
    expect(await ours()).toBe(1);
    goOn();
    await came(() => slow.target.rows.size).toBe(2 * 80_000 + 5);
    await run(`UPDATE slow SET name = 'end' WHERE id = 1`, `UPDATE quick SET name = 'end' WHERE id = 1`);
    await came(() => [slow.target.rows.get('1'), quick.target.rows.get('1')]).toEqual(['end', 'end']);
    await came(ours).toBe(1);
    expect([...slow.copied, ...quick.copied]).toEqual([]);
  });

  it('ends with what was committed before it is told to, and a prepared transaction is not lost on the way', async () => {
    await make('ended');
    const member = group.add('ended');
    await member.start();
    await equals(member);
    const other = await site().session();
    const xid = `'${site().database.name}-x'`;
    await other.run(`XA START ${xid}`);
    await other.run(`UPDATE ended SET name = 'prepared' WHERE id = 1`);
    await other.run(`XA END ${xid}`);
    await other.run(`XA PREPARE ${xid}`);
    await run(`UPDATE ended SET name = 'beside' WHERE id = 2`);
    await came(() => member.target.rows.get('2')).toBe('beside');
    await member.crash();
    await member.start();
    await other.run(`XA COMMIT ${xid}`);
    await came(() => member.target.rows.get('1')).toBe('prepared');
    await run(`UPDATE ended SET name = 'last' WHERE id = 3`);
    await member.stop();
    expect(member.target.rows.get('3')).toBe('last');
    expect(member.copied).toEqual([]);
  });
});

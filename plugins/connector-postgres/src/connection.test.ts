import { checkShape, isQianzhiError } from '@qianzhi/model';
import { startTcpProxy } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { ConfigSchema } from './config.js';
import { copyOut } from './connection/copy-out.js';
import { openSession } from './connection/session.js';
import { postgresConnector } from './connector.js';
import { describeSource, readAll, signal, until } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';
import { makeCertificates, startTlsFront } from './test/tls-front.js';

const certificates = await makeCertificates();

const keyed = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return isQianzhiError(error) ? `${error.code.replace('QZ_POSTGRES_', '')} ${error.kind}` : `${error}`;
  }
  return 'no error';
}

describeSource('postgres connection', (site) => {
  const run = (sql: string) => site().db.query(sql);
  const table = async (name: string, rows: number) => {
    await run(`CREATE TABLE ${name} (id int PRIMARY KEY, name text);
      INSERT INTO ${name} SELECT n, repeat('x', 1000) FROM generate_series(1, ${rows}) n`);
  };
  const configured = (more: object) => checkShape(ConfigSchema, { ...site().config, ...more }, 'config');
  const check = async (config: object) => {
    const context = { log: console, now: () => new Date(), tempDir: '', timeZone: 'Asia/Shanghai' };
    const connection = await postgresConnector.open(
      { ...site().config, ...config },
      context as never,
      signal,
    );
    return connection.check(signal);
  };
  const backends = async (name: string) => {
    const { rows } = await run(
      `SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = '${name}' AND state <> 'idle'`,
    );
    return Number(rows[0].n);
  };

  it('an abort in the middle of a COPY releases the backend within a second', async () => {
    await table('aborted', 30_000);
    const config = { applicationName: 'qz-abort' };
    for (const spec of [{}, { parallel: 3 }, { consistency: 'transaction' }]) {
      const source = await site().source(keyed, { table: 'aborted', ...spec }, { config });
      const controller = new AbortController();
      const blocks = source.read(undefined, { blockBytes: 4096 }, controller.signal)[Symbol.asyncIterator]();
      await blocks.next();
      controller.abort();
      expect(await codeOf(() => blocks.next())).toBe('CANCELLED cancelled');
      await until('the backends are gone', async () => (await backends('qz-abort')) === 0, 1000);
      await source[Symbol.asyncDispose]();
    }
  });

  it('an abort ends a statement that gives no rows yet', async () => {
    await run(`CREATE VIEW sleepy AS SELECT 1 AS id, 'x'::text AS name FROM pg_sleep(60)`);
    const source = await site().source(
      keyed,
      { table: 'sleepy' },
      { config: { applicationName: 'qz-sleep' } },
    );
    const controller = new AbortController();
    const reading = codeOf(async () => {
      for await (const _ of source.read(undefined, { blockBytes: 4096 }, controller.signal));
    });
    const active = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'qz-sleep' AND wait_event = 'PgSleep'`;
    await until('it sleeps', async () => (await run(active)).rowCount === 1);
    controller.abort();
    expect(await reading).toBe('CANCELLED cancelled');
    await until('the backend is gone', async () => (await backends('qz-sleep')) === 0, 1000);
  });

  it('a reader that leaves early leaves no backend at work', async () => {
    await table('left_early', 20_000);
    const source = await site().source(
      keyed,
      { table: 'left_early' },
      { config: { applicationName: 'qz-left' } },
    );
    for await (const _ of source.read(undefined, { blockBytes: 4096 }, signal)) break;
    await until('the backend is gone', async () => (await backends('qz-left')) === 0, 1000);
    expect((await readAll(source)).rows.length).toBe(20_000);
  });

  it('a reader that takes nothing does not keep a transaction open', async () => {
    await table('held', 20_000);
    const about = { doing: 'test', config: configured({ applicationName: 'qz-held' }) };
    const session = await openSession(about, 'read', signal);
    const blocks = copyOut(session, 'COPY held TO STDOUT', { blockBytes: 4096, holdMs: 200 }, signal);
    await blocks.next();
    await until('the backend is gone', async () => (await backends('qz-held')) === 0);
    const rest = codeOf(async () => {
      for await (const _ of blocks);
    });
    expect(await rest).toBe('STATEMENT_TIMEOUT timeout');
  });

  it('a backend that is ended, and a line that breaks, are unavailable, and the read goes on behind them', async () => {
    await table('broken', 30_000);
    const { host, port } = site().config;
    await using proxy = await startTcpProxy({ target: { host, port } });
    const ends = {
      terminated: () =>
        run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'qz-broken'`),
      reset: async () => proxy.reset(),
      cut: async () => proxy.cut(),
    };
    for (const [name, end] of Object.entries(ends)) {
      const config = { host: proxy.host, port: proxy.port, applicationName: 'qz-broken' };
      const source = await site().source(keyed, { table: 'broken' }, { config });
      const rows: (string | null | undefined)[] = [];
      let checkpoint: string | undefined;
      const reading = codeOf(async () => {
        for await (const block of source.read(undefined, { blockBytes: 65_536 }, signal)) {
          if (checkpoint === undefined) await end();
          rows.push(
            ...Buffer.from(block.bytes)
              .toString()
              .split('\n')
              .slice(0, -1)
              .map((row) => row.split('\t')[1]),
          );
          checkpoint = block.checkpoint;
        }
      });
      expect(await reading, name).toBe('CONNECTION_LOST unavailable');
      const rest = await readAll(source, checkpoint);
      rows.push(...rest.rows.map((row) => row[0]));
      expect(rows, name).toEqual(Array.from({ length: 30_000 }, (_, at) => String(at + 1)));
      await source[Symbol.asyncDispose]();
    }
  });

  it('a statement over its limit and a lock that is held are told apart', async () => {
    await run(`CREATE VIEW endless AS SELECT 1 AS id, 'x'::text AS name FROM pg_sleep(60)`);
    await table('locked', 1);
    const quick = { config: { statementTimeoutMs: 300, lockTimeoutMs: 200 } };
    const endless = await site().source(keyed, { table: 'endless' }, quick);
    expect(await codeOf(() => readAll(endless))).toBe('STATEMENT_TIMEOUT timeout');
    const locked = await site().source(keyed, { table: 'locked' }, quick);
    const other = await site().session();
    await other.query('BEGIN; LOCK TABLE locked');
    expect(await codeOf(() => readAll(locked))).toBe('LOCKED unavailable');
    await other.query('ROLLBACK');
    expect((await readAll(locked)).rows.length).toBe(1);
  });

  it('a server that says nothing is given up', async () => {
    const { host, port } = site().config;
    await using proxy = await startTcpProxy({ target: { host, port } });
    proxy.stall();
    const config = { host: proxy.host, port: proxy.port, connectTimeoutMs: 300 };
    expect(await codeOf(() => check(config))).toBe('CONNECT_TIMEOUT timeout');
  });

  it('names what a login may not do, and cannot write in any case', async () => {
    await table('secret', 1);
    await run(`CREATE ROLE reader LOGIN PASSWORD 'reader-password'`);
    const config = { user: 'reader', password: 'reader-password' };
    const open = () => site().source(keyed, { table: 'secret' }, { config });
    expect(await codeOf(open)).toBe('NO_PERMISSION denied');
    await run('GRANT SELECT ON secret TO reader');
    expect((await readAll(await open())).rows.length).toBe(1);
    const session = await openSession({ doing: 'test', config: configured({}) }, 'read', signal);
    expect(await codeOf(() => session.query('DELETE FROM secret', [], signal))).toBe('READ_ONLY config');
    await session.close();
    await run('DROP OWNED BY reader; DROP ROLE reader');
  });

  it('a condition that cannot be run is told when the source is opened', async () => {
    await table('conditioned', 1);
    const source = (where: string) => codeOf(() => site().source(keyed, { table: 'conditioned', where }));
    expect(await source('no_such_column = 1')).toBe('WHERE_WRONG config');
    expect(await source('id = 1) OR (true')).toBe('WHERE_WRONG config');
    expect(await source('id = ANY(ARRAY[1, 2]) -- two')).toBe('no error');
    expect(await source('id = 1; DROP TABLE conditioned')).toBe('WHERE_WRONG config');
  });

  describe.skipIf(!certificates)('over TLS', () => {
    it('trusts no more than the config says', async () => {
      const { host, port } = site().config;
      await using front = await startTlsFront({ host, port }, certificates!);
      const at = { host: '127.0.0.1', port: front.port };
      const { ca } = certificates!;
      expect(await codeOf(() => check({ ...at, ssl: { mode: 'require' } }))).toBe('no error');
      expect(await codeOf(() => check({ ...at, ssl: { mode: 'verify-ca', ca } }))).toBe('no error');
      expect(await codeOf(() => check({ ...at, ssl: { mode: 'verify-ca' } }))).toBe('TLS_UNTRUSTED config');
      expect(await codeOf(() => check({ ...at, ssl: { mode: 'verify-full', ca } }))).toBe(
        'TLS_UNTRUSTED config',
      );
      const named = { ...at, host: 'localhost', ssl: { mode: 'verify-full', ca } };
      expect(await codeOf(() => check(named))).toBe('no error');
      expect(await codeOf(() => check({ ssl: { mode: 'require' } }))).toBe('TLS_REFUSED config');
    });

    it('reads the same rows, and lets go when aborted', async () => {
      await table('enciphered', 20_000);
      const { host, port } = site().config;
      await using front = await startTlsFront({ host, port }, certificates!);
      const config = {
        host: '127.0.0.1',
        port: front.port,
        ssl: { mode: 'require' },
        applicationName: 'qz-tls',
      };
      const source = await site().source(keyed, { table: 'enciphered', parallel: 2 }, { config });
      const plain = await readAll(await site().source(keyed, { table: 'enciphered' }));
      expect((await readAll(source)).rows).toEqual(plain.rows);
      const controller = new AbortController();
      const blocks = source.read(undefined, { blockBytes: 4096 }, controller.signal)[Symbol.asyncIterator]();
      await blocks.next();
      controller.abort();
      expect(await codeOf(() => blocks.next())).toBe('CANCELLED cancelled');
      await until('the backend is gone', async () => (await backends('qz-tls')) === 0, 2000);
    });
  });
});

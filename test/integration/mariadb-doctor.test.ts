import type { Connection, PluginContext } from '@qianzhi/plugin-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mysqlConnector } from '../../plugins/connector-mysql/src/index.js';
import { connectMariadb, type MariadbClient, mysqlConnectorOf } from '../fixtures/mariadb.js';
import { resourceOf } from '../fixtures/resource.js';
import { hasMariadb, type MariadbServer, startMariadb } from '../services/mariadb.js';

/** What the doctor says of a server that is set up badly, as many are. */
let server: MariadbServer;
let client: MariadbClient;
const signal = () => AbortSignal.timeout(15_000);
const resource = resourceOf('firm', [{ column: 'code' }, { column: 'name', length: 60 }]);

const logged: string[] = [];
const context: PluginContext = {
  log: { debug() {}, info() {}, warn: (_, message) => void logged.push(message), error() {} },
  now: () => new Date(),
  tempDir: '/nowhere',
  timeZone: 'Asia/Shanghai',
};

beforeAll(async () => {
  if (!hasMariadb()) return;
  server = await startMariadb({
    settings: {
      local_infile: '0',
      sql_mode: '',
      innodb_flush_log_at_trx_commit: '2',
      'character-set-server': 'utf8mb3',
      default_time_zone: '+00:00',
    },
  });
  client = connectMariadb(server.url);
  await client.rows('CREATE DATABASE old');
  await client.rows(`CREATE USER reader@'%' IDENTIFIED BY 'reader-password'`);
  await client.rows(`CREATE USER writer@'%' IDENTIFIED BY 'writer-password'`);
  await client.rows('CREATE TABLE old.firm (code VARCHAR(20) PRIMARY KEY, name VARCHAR(60))');
  await client.rows(`GRANT SELECT ON old.firm TO reader@'%'`);
  await client.rows(`GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON old.* TO writer@'%'`);
}, 60_000);
afterAll(async () => {
  client?.end();
  await server?.[Symbol.asyncDispose]();
});

const open = (more: object = {}): Promise<Connection> => {
  const { type: _, ...config } = mysqlConnectorOf(server.url, 'old', more);
  return mysqlConnector.open(config, context, signal());
};
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing thrown',
    (error) => `${error.code} ${error.kind}`,
  );
const as = (user: string) => ({ user, password: `${user}-password` });

describe.skipIf(!hasMariadb())('the doctor on MariaDB', () => {
  it('tells each weakness of the server by its code', async () => {
    const { notes, server: name, version } = await (await open()).check(signal());
    const codes = notes.flatMap(({ error }) => error?.code ?? []);
    expect(codes).toEqual([
      'QZ_MYSQL_LOCAL_INFILE_OFF',
      'QZ_MYSQL_MODE_LENIENT',
      'QZ_MYSQL_POWER_LOSS',
      'QZ_MYSQL_ENCODING_NARROW',
      'QZ_MYSQL_ZONE_UNSETTLED',
    ]);
    expect(name).toMatch(/^MariaDB 127\.0\.0\.1:\d+\/old$/);
    expect(version).toMatch(/^\d+\.\d+\.\d+-MariaDB/);
  });

  it('asks a source for nothing that only a target needs', async () => {
    const { notes } = await (await open({ ...as('reader'), readOnly: true })).check(signal());
    const codes = notes.flatMap(({ error, strategy }) => (error ? [`${error.code} ${strategy ?? ''}`] : []));
    expect(codes).toEqual([
      'QZ_MYSQL_STATEMENTS_HIDDEN watermark',
      'QZ_MYSQL_STATEMENTS_HIDDEN change-table',
      'QZ_MYSQL_ZONE_UNSETTLED ',
    ]);
  });

  it('says what a login lacks', async () => {
    expect(await codeOf(open({ password: 'wrong-password' }).then((each) => each.check(signal())))).toBe(
      'QZ_MYSQL_LOGIN_REFUSED auth',
    );
    expect(
      await codeOf(open({ ...as('reader'), database: 'none' }).then((each) => each.check(signal()))),
    ).toBe('QZ_MYSQL_DATABASE_DENIED denied');
    expect(await codeOf(open({ database: 'none' }).then((each) => each.check(signal())))).toBe(
      'QZ_MYSQL_DATABASE_MISSING not-found',
    );
    const spec = { exchange: 'x', resource, target: { table: 'firm' } };
    expect(await codeOf((await open(as('reader'))).tryTarget!(spec, signal()))).toBe(
      'QZ_MYSQL_NO_PERMISSION denied',
    );
    expect(await codeOf((await open(as('writer'))).tryTarget!(spec, signal()))).toBe(
      'QZ_MYSQL_NO_PERMISSION denied',
    );
    await client.rows(`GRANT CREATE TEMPORARY TABLES, ALTER, INDEX ON old.* TO writer@'%'`);
    const notes = await (await open(as('writer'))).tryTarget!(spec, signal());
    expect(notes.map(({ error }) => error?.code)).toEqual([
      'QZ_MYSQL_COLUMN_CHARSET',
      'QZ_MYSQL_COLUMN_NARROW',
      'QZ_MYSQL_COLUMN_CHARSET',
      'QZ_MYSQL_KEY_LOOSE',
    ]);
    expect(await client.rows(`SHOW TABLES FROM old`)).toEqual([['firm']]);
  });

  it('writes all the same, by INSERT and under a strict mode of its own', async () => {
    const sink = await (await open(as('writer'))).sink(
      { exchange: 'x', resource, target: { table: 'firm' } },
      signal(),
    );
    expect(logged.filter((message) => message.includes('local_infile'))).toHaveLength(1);
    const bytes = Buffer.from(`U\ta\t好\nU\tb\t${'长'.repeat(61)}\nU\tc\t𠮷\n`);
    const delivery = { agreement: 'a', grantVersion: 1, stream: { resource: 'firm', agent: 'm', epoch: 1 } };
    const batch = {
      delivery,
      seq: 1,
      kind: 'delta' as const,
      resource,
      rowsDigest: 'sha256:x',
      rows: 3,
      bytes,
    };
    const reasons: string[] = [];
    const row = await sink.write(
      batch,
      async (rows) => void reasons.push(...rows.map(({ reason }) => reason)),
      signal(),
    );
    await sink[Symbol.asyncDispose]();
    expect(row.counts).toMatchObject({ inserted: 1, rejected: 2 });
    expect(reasons.sort()).toEqual(['too-long', 'type']);
    expect(await client.rows('SELECT code, name FROM old.firm')).toEqual([['a', '好']]);
  });
});

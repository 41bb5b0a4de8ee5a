import { type Exchanges, openExchanges, readAll } from '@qianzhi/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { mysqlConnector } from '../../plugins/connector-mysql/src/index.js';
import { connectMariadb, type MariadbClient, mysqlConnectorOf } from '../fixtures/mariadb.js';
import { resourceOf } from '../fixtures/resource.js';
import { hasMariadb, type MariadbServer, startMariadb } from '../services/mariadb.js';

/** Strategy `log` over what happens to MariaDB servers: failover, purged and replaced logs, compression, settings and rights. */
interface Server {
  readonly server: MariadbServer;
  readonly client: MariadbClient;
  readonly exchanges: Exchanges;
  run(...statements: readonly string[]): Promise<void>;
}

const resource = resourceOf('firm', [{ column: 'code' }, { column: 'name', length: 60 }]);
const opened: Server[] = [];
let first: Server;
let second: Server;

async function open(settings: Readonly<Record<string, string>>): Promise<Server> {
  const server = await startMariadb({ settings });
  const client = connectMariadb(server.url);
  const { type: _, ...config } = mysqlConnectorOf(server.url, 'civil');
  const exchanges = openExchanges(mysqlConnector, config);
  const found = {
    server,
    client,
    exchanges,
    async run(...statements: readonly string[]) {
      for (const statement of statements) await client.rows(statement);
    },
  };
  opened.push(found);
  return found;
}

const make = ({ run }: Server) =>
  run(
    'CREATE OR REPLACE DATABASE civil',
    'CREATE TABLE civil.firm (code VARCHAR(20) PRIMARY KEY, name VARCHAR(60))',
    `INSERT INTO civil.firm VALUES ('a', '1'), ('b', '2'), ('c', '3')`,
  );
const follow = ({ exchanges }: Server, config: object = {}, log: object = {}) =>
  exchanges.source(resource, { table: 'firm', log }, { strategy: 'log', config });

/** What comes behind a checkpoint, and the place behind it. */
async function read(server: Server, checkpoint?: string) {
  const source = await follow(server);
  const found = await readAll(source, checkpoint);
  return {
    rows: found.rows.map((row, at) => `${found.ops[at]} ${row.join(' ')}`.trimEnd()),
    checkpoint: found.checkpoints.at(-1) ?? checkpoint,
    reason: source.notices()[0]?.details['reason'],
  };
}

const on = { 'log-bin': 'bin', 'binlog-format': 'ROW' };

beforeAll(async () => {
  if (!hasMariadb()) return;
  first = await open({ ...on, 'server-id': '1' });
  second = await open({ ...on, 'server-id': '2', 'log-slave-updates': '1' });
}, 120_000);
afterEach(async () => {
  for (const { exchanges } of opened) await exchanges[Symbol.asyncDispose]();
});
afterAll(async () => {
  for (const { server, client } of opened) {
    client.end();
    await server[Symbol.asyncDispose]();
  }
}, 60_000);

describe.skipIf(!hasMariadb())('strategy log over servers of MariaDB', () => {
  it('goes on at a replica by the names of transactions, and copies where they are not known', async () => {
    await make(first);
    const { hostname, port, username, password } = new URL(first.server.url);
    await second.run(
      'RESET MASTER',
      `CHANGE MASTER TO MASTER_HOST = '${hostname}', MASTER_PORT = ${port}, MASTER_USER = '${username}',
        MASTER_PASSWORD = '${password}', MASTER_USE_GTID = slave_pos`,
      'START SLAVE',
    );
    const copied = await read(first);
    await first.run(`UPDATE civil.firm SET name = '1a' WHERE code = 'a'`);
    const followed = await read(first, copied.checkpoint);
    expect(followed.rows).toEqual(['U a 1a']);
    await first.run(
      `UPDATE civil.firm SET name = '2a' WHERE code = 'b'`,
      `DELETE FROM civil.firm WHERE code = 'c'`,
    );
    await expect
      .poll(async () =>
        (await second.client.rows('SELECT code, name FROM civil.firm').catch(() => [])).join(' '),
      )
      .toBe('a,1a b,2a');
    const failedOver = await read(second, followed.checkpoint);
    expect(failedOver.rows).toEqual(['U b 2a', 'D c']);
    await second.run('STOP SLAVE', `INSERT INTO civil.firm VALUES ('n', 'new')`);
    const promoted = await read(second, failedOver.checkpoint);
    expect(promoted.rows).toEqual(['U n new']);
    expect((await read(second, promoted.checkpoint)).rows).toEqual([]);
    const back = await read(first, promoted.checkpoint);
    expect(back).toMatchObject({ rows: ['S a 1a', 'S b 2a'], reason: 'gtid-unknown' });
    await second.run('RESET SLAVE ALL');
  });

  it('warns before the log goes, and copies when it is gone', async () => {
    await make(first);
    const copied = await read(first);
    await first.run('FLUSH BINARY LOGS', `UPDATE civil.firm SET name = 'x' WHERE code = 'a'`);
    const [names] = [(await first.client.rows('SHOW BINARY LOGS')).map(([name]) => name)];
    await first.run(`PURGE BINARY LOGS TO '${names.at(-2)}'`);
    expect((await read(first, copied.checkpoint)).rows).toEqual(['U a x']);
    expect(first.exchanges.logged).toContainEqual({ table: 'firm', file: names.at(-2), files: 2 });
    await first.run(`PURGE BINARY LOGS TO '${names.at(-1)}'`);
    expect(await read(first, copied.checkpoint)).toMatchObject({ reason: 'log-purged' });
  });

  it('copies where the log was begun anew, though its file has the name and is as long', async () => {
    await make(first);
    await first.run('RESET MASTER');
    const copied = await read(first);
    await first.run(`INSERT INTO civil.firm VALUES ('d', '4')`);
    const followed = await read(first, copied.checkpoint);
    expect(followed.rows).toEqual(['U d 4']);
    // times of files are told in seconds
    const [[now]] = (await first.client.rows('SELECT UNIX_TIMESTAMP()')) as [[string]];
    await expect
      .poll(async () => (await first.client.rows('SELECT UNIX_TIMESTAMP()'))[0]![0] !== now, {
        timeout: 5000,
      })
      .toBe(true);
    await first.run('RESET MASTER', `DELETE FROM civil.firm WHERE code = 'd'`);
    for (let n = 0; n < 20; n++) await first.run(`INSERT INTO civil.firm VALUES ('n${n}', 'new')`);
    const again = await read(first, followed.checkpoint);
    expect(again.reason).toBe('log-replaced');
    expect(again.rows.length).toBe(23);
    const behind = JSON.stringify({
      ...JSON.parse(again.checkpoint!),
      position: JSON.parse(again.checkpoint!).position.replace(/^(\S+ \d+ )\d+/, '$199999999'),
    });
    expect((await read(first, behind)).reason).toBe('log-behind');
  });

  it.each([
    ['compressed', ['SET GLOBAL log_bin_compress = ON', 'SET GLOBAL log_bin_compress_min_len = 10']],
    ['without checksums', ['SET GLOBAL log_bin_compress = OFF', 'SET GLOBAL binlog_checksum = NONE']],
    [
      'with names of columns',
      ['SET GLOBAL binlog_checksum = CRC32', `SET GLOBAL binlog_row_metadata = 'FULL'`],
    ],
  ])('reads events %s', async (_, settings) => {
    await first.run(...settings);
    await make(first);
    const copied = await read(first);
    const name = '长'.repeat(50);
    await first.run(
      `INSERT INTO civil.firm VALUES ('long', '${name}')`,
      `UPDATE civil.firm SET name = '${name}' WHERE code IN ('a', 'b')`,
      `UPDATE civil.firm SET code = '${'z'.repeat(20)}' WHERE code = 'b'`,
      `DELETE FROM civil.firm WHERE code = 'c'`,
    );
    const { rows, checkpoint } = await read(first, copied.checkpoint);
    expect(rows.sort()).toEqual(
      ['D b', 'D c', `U a ${name}`, `U long ${name}`, `U ${'z'.repeat(20)} ${name}`].sort(),
    );
    await first.run(`TRUNCATE TABLE civil.firm /* ${'a comment '.repeat(20)} */`);
    expect(await read(first, checkpoint)).toMatchObject({ rows: [], reason: 'truncated' });
  });

  it('refuses a server that does not tell its changes, and says what has to be set', async () => {
    const codeOf = (server: Server, config: object = {}) =>
      follow(server, config).then(
        () => 'opened',
        (error) => `${error.code}: ${error.texts.en.hint}`,
      );
    const off = await open({ 'skip-log-bin': '1' });
    await make(off);
    expect(await codeOf(off)).toMatch(/^QZ_MYSQL_LOG_OFF: have log_bin, server_id, binlog_format = ROW set/);
    const hidden = await open({ 'log-bin': 'bin', 'server-id': '4', 'binlog-ignore-db': 'civil' });
    await make(hidden);
    expect(await codeOf(hidden)).toMatch(/^QZ_MYSQL_LOG_FORMAT: have SET GLOBAL binlog_format = 'ROW' run/);
    await hidden.run(`SET GLOBAL binlog_format = 'ROW'`);
    expect(await codeOf(hidden)).toMatch(/^QZ_MYSQL_LOG_FILTERED/);

    await make(first);
    await first.run(
      `CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'reader-password'`,
      `GRANT SELECT ON civil.* TO reader@'%'`,
    );
    const reader = { user: 'reader', password: 'reader-password' };
    expect(await codeOf(first, reader)).toMatch(
      /^QZ_MYSQL_LOG_DENIED: have GRANT REPLICATION SLAVE, BINLOG MONITOR ON \*\.\* TO reader run/,
    );
    await first.run(`GRANT BINLOG MONITOR ON *.* TO reader@'%'`);
    expect(await codeOf(first, reader)).toMatch(/^QZ_MYSQL_LOG_DENIED/);
    await first.run(`GRANT REPLICATION SLAVE ON *.* TO reader@'%'`);
    expect(await codeOf(first, reader)).toBe('opened');
    await first.run(`SET GLOBAL binlog_row_image = 'MINIMAL'`);
    await first.run(
      'CREATE OR REPLACE TABLE civil.firm (id INT PRIMARY KEY, code VARCHAR(20) NOT NULL UNIQUE, name VARCHAR(60))',
    );
    expect(await codeOf(first)).toMatch(/^QZ_MYSQL_LOG_IMAGE.*SET GLOBAL binlog_row_image = 'FULL'/);
    await first.run(`SET GLOBAL binlog_row_image = 'FULL'`);
    expect(await codeOf(first)).toBe('opened');
  });
});

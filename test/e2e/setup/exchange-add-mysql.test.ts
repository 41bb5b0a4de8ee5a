import { readFile } from 'node:fs/promises';
import { describeWithMysql } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { connectMariadb, type MariadbClient, mysqlConnectorOf } from '../../fixtures/mariadb.js';
import { resourceOf } from '../../fixtures/resource.js';
import { createRig, type Refusal, type Rig } from '../rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const LOG = ['exchange', 'add', '--strategy', 'log', '--config', 'mz.yaml'];

describeWithMysql('exchange add --strategy log on MariaDB', (url) => {
  const database = 'exchange_add_log';
  const items = [{ column: 'code' }, { column: 'name' }];
  let rig: Rig;
  let client: MariadbClient;
  const run = async (...statements: readonly string[]) => {
    for (const statement of statements) await client.rows(statement);
  };
  const config = () => readFile(rig.at('mz.yaml'), 'utf8');

  beforeAll(async () => {
    const admin = connectMariadb(url);
    await admin.rows(`CREATE OR REPLACE DATABASE ${database} CHARACTER SET utf8mb4`);
    admin.end();
    client = connectMariadb(url, database);
    await run(
      'CREATE TABLE firm (code VARCHAR(40) PRIMARY KEY, name VARCHAR(40))',
      `INSERT INTO firm VALUES ('a', '1'), ('b', '2')`,
      'CREATE VIEW firms AS SELECT code, name FROM firm',
      'CREATE TABLE loose (code VARCHAR(40) NOT NULL, name VARCHAR(40))',
      `CREATE TABLE branch (code VARCHAR(40) PRIMARY KEY, name VARCHAR(40),
        FOREIGN KEY (name) REFERENCES firm (code) ON DELETE CASCADE)`,
      `CREATE OR REPLACE USER log_reader@'%' IDENTIFIED BY 'reader-password'`,
      `GRANT SELECT ON ${database}.* TO log_reader@'%'`,
    );
    rig = await createRig();
    const own = mysqlConnectorOf(url, database);
    const reader = { ...own, user: 'log_reader', password: 'reader-password' };
    // JSON is YAML
    await rig.enrol('mz', 'mz', `connectors: ${JSON.stringify({ own, reader })}\n`);
    for (const code of ['firm', 'others']) await rig.publish(resourceOf(code, items), 'mz');
  });
  afterAll(async () => {
    await rig?.close();
    await run(`DROP DATABASE ${database}`, `DROP USER log_reader@'%'`);
    client.end();
  });

  it('tries it, writes it, and the exchange brings every change as it comes', async () => {
    const flags = ['--supply', 'firm', '--connector', 'own', '--table', 'firm', '--continuous'];
    const { code, answer } = await rig.json<object>([...LOG, ...flags]);
    const rows = [
      ['a', '1'],
      ['b', '2'],
    ];
    expect({ code, answer }).toMatchObject({ code: 0, answer: { preview: { rows } } });
    expect(parse(await config()).exchanges).toEqual([
      {
        name: 'supply-firm',
        supply: 'firm',
        connector: 'own',
        strategy: 'log',
        source: { table: 'firm' },
        modeOptions: { continuous: true },
      },
    ]);
    await rig.startAgent('mz');
    expect(await rig.run('mz', 'supply-firm')).toMatchObject({ state: 'done' });
    await run(`UPDATE firm SET name = '1a' WHERE code = 'a'`, `DELETE FROM firm WHERE code = 'b'`);
    // a run by hand is the first that reads them, or comes behind the open one that did
    await rig.run('mz', 'supply-firm');
    const jobs = await rig.json<{ jobs: readonly { summary?: { stored: number } }[] }>([
      'job',
      'list',
      '--config',
      'mz.yaml',
    ]);
    const stored = jobs.answer.jobs.map(({ summary }) => summary?.stored ?? 0);
    expect(stored.reduce((sum, each) => sum + each, 0)).toBe(4);
  });

  it.each([
    ['a view', ['own', 'firms'], 'QZ_MYSQL_STRATEGY_UNFIT', /only tables are in the log/],
    ['a table without a key', ['own', 'loose'], 'QZ_MYSQL_STRATEGY_UNFIT', /no primary key or unique index/],
    [
      'rows that a foreign key changes',
      ['own', 'branch'],
      'QZ_MYSQL_STRATEGY_UNFIT',
      /cascades is in no log/,
    ],
    [
      'a user who may not read the log',
      ['reader', 'firm'],
      'QZ_MYSQL_LOG_DENIED',
      /GRANT REPLICATION SLAVE, BINLOG MONITOR ON \*\.\* TO log_reader/,
    ],
  ] as const)(
    'refuses %s with the reason, and writes nothing',
    async (_, [connector, table], expected, why) => {
      const before = await config();
      const flags = ['--supply', 'others', '--connector', connector, '--table', table];
      const { code, answer } = await rig.json<Refusal>([...LOG, ...flags]);
      expect({ code, error: answer.error }).toMatchObject({
        code: expect.any(Number),
        error: { code: expected },
      });
      expect(code).not.toBe(0);
      expect(`${answer.error.message} ${answer.error.hint}`).toMatch(why);
      expect(await config()).toBe(before);
    },
  );
});

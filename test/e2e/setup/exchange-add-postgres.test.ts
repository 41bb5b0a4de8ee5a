import { readFile } from 'node:fs/promises';
import { describeWithPostgres } from '@qianzhi/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { resourceOf } from '../../fixtures/resource.js';
import { createRig, type Refusal, type Rig } from '../rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ADD = ['exchange', 'add'];
const at = (agent: string) => ['--config', `${agent}.yaml`];

describeWithPostgres('exchange add on PostgreSQL', (url) => {
  const query = async (text: string) => {
    const client = new pg.Client(url);
    await client.connect();
    return client.query(text).finally(() => client.end());
  };
  let rig: Rig;
  beforeAll(async () => {
    rig = await createRig();
    await rig.enrol('mz', 'mz', 'connectors: {}\n');
    await rig.startAgent('mz');
  });
  afterAll(async () => {
    await rig?.close();
    await query('DROP SCHEMA exchange_add CASCADE');
  });
  const lastExchange = async (agent: string) =>
    parse(await readFile(rig.at(`${agent}.yaml`), 'utf8')).exchanges.at(-1);

  it('matches by comments and reads by the change time that has an index', async () => {
    await query(`CREATE SCHEMA exchange_add;
      CREATE TABLE exchange_add.jbxx (xydm varchar(18) PRIMARY KEY, mc varchar(60), gxsj timestamp NOT NULL);
      COMMENT ON COLUMN exchange_add.jbxx.xydm IS '统一社会信用代码';
      COMMENT ON COLUMN exchange_add.jbxx.mc IS '名称:营业执照上的全称';
      CREATE INDEX ON exchange_add.jbxx (gxsj);
      INSERT INTO exchange_add.jbxx VALUES ('91350100M000100Y43', '某公司', '2026-01-02 03:04:05')`);
    const items = [
      { column: 'uscc', name: '统一社会信用代码' },
      { column: 'name', name: '名称' },
    ];
    await rig.publish(resourceOf('firm', items, { updateCycle: 'realtime' }), 'mz');
    const { hostname, port, username, password } = new URL(url);
    await rig.qz(
      [
        'connector',
        'add',
        '--type',
        'postgres',
        '--name',
        'gov',
        '--set',
        `host=${hostname}`,
        '--set',
        `port=${port}`,
        '--set',
        'database=postgres',
        '--set',
        `user=${username}`,
        '--set',
        'password=${env:PG_SECRET}',
        ...at('mz'),
      ],
      { env: { PG_SECRET: password } },
    );
    const flags = ['--supply', 'firm', '--connector', 'gov', '--table', 'exchange_add.jbxx'];
    const { code, answer } = await rig.json<object>([...ADD, ...flags, ...at('mz')], {
      env: { PG_SECRET: password },
    });
    expect({ code, answer }).toMatchObject({
      code: 2, // written; the running agent does not have the variable its config now names
      answer: { agent: 'refused', preview: { rows: [['91350100M000100Y43', '某公司']] } },
    });
    expect(await lastExchange('mz')).toEqual({
      name: 'supply-firm',
      supply: 'firm',
      connector: 'gov',
      strategy: 'watermark',
      source: {
        schema: 'exchange_add',
        table: 'jbxx',
        columns: { uscc: 'xydm', name: 'mc' },
        watermark: { column: 'gxsj' },
      },
      schedule: { cron: '* * * * *' },
    });
    expect(rig.shown()).not.toContain(password);
  });

  it('tries the log, and refuses what is not in it with the reason', async () => {
    await query(`CREATE VIEW exchange_add.view AS SELECT xydm, mc FROM exchange_add.jbxx;
      CREATE TABLE exchange_add.loose (xydm varchar(18) NOT NULL, mc varchar(60))`);
    const items = [
      { column: 'xydm', name: '代码' },
      { column: 'mc', name: '名称' },
    ];
    await rig.publish(resourceOf('logged', items), 'mz');
    const add = (table: string) =>
      rig.json<Refusal & { preview: object }>(
        [
          ...[...ADD, '--supply', 'logged', '--connector', 'gov', '--table', `exchange_add.${table}`],
          ...['--strategy', 'log', '--continuous', ...at('mz')],
        ],
        { env: { PG_SECRET: new URL(url).password } },
      );
    const before = await lastExchange('mz');
    expect((await add('view')).answer.error).toMatchObject({
      code: 'QZ_POSTGRES_STRATEGY_UNFIT',
      message: expect.stringContaining('only plain and partitioned tables are in the log'),
    });
    expect((await add('loose')).answer.error).toMatchObject({
      code: 'QZ_POSTGRES_LOG_IDENTITY',
      hint: expect.stringContaining('ALTER TABLE "exchange_add"."loose" REPLICA IDENTITY FULL'),
    });
    expect(await lastExchange('mz')).toEqual(before);
    const { answer } = await add('jbxx');
    expect(answer.preview).toMatchObject({ rows: [['91350100M000100Y43', '某公司']] });
    expect(await lastExchange('mz')).toEqual({
      name: 'supply-logged',
      supply: 'logged',
      connector: 'gov',
      strategy: 'log',
      source: { schema: 'exchange_add', table: 'jbxx' },
      modeOptions: { continuous: true },
    });
    // trying it leaves nothing behind that the server would keep its log for
    expect(
      (await query(`SELECT 1 FROM pg_publication_tables WHERE schemaname = 'exchange_add'`)).rowCount,
    ).toBe(0);
    expect(
      (await query(`SELECT 1 FROM pg_replication_slots WHERE database = current_database()`)).rowCount,
    ).toBe(0);
  });
});

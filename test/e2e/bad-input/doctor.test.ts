import { controlRoutes } from '@qianzhi/agent/control';
import { describeWithPostgres } from '@qianzhi/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { createRig, type Rig } from '../rig.js';
import { DATABASE_PASSWORD, showsNoSecret } from './refusals.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

interface Finding {
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly text: string;
  readonly code?: string;
  readonly hint?: string;
}

/** What goes wrong with a PostgreSQL on the way of the guide: the doctor names each by itself, and nothing beside it. */
describeWithPostgres('qianzhi doctor on PostgreSQL', (superuser) => {
  const tag = `qz_doctor_${process.pid}`;
  const [reader, writer] = [`${tag}_read`, `${tag}_write`] as const;
  const { hostname, port } = new URL(superuser);
  let rig: Rig;

  async function run(sql: string, database = tag): Promise<void> {
    const url = new URL(superuser);
    url.pathname = `/${database}`;
    const client = new pg.Client(url.href);
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }

  const connector = (user: string, more: string) =>
    `{ type: postgres, host: ${hostname}, port: ${port}, database: ${tag}, user: ${user}, password: ${DATABASE_PASSWORD}, ${more} }`;
  const configs = {
    mz: `connectors:
  civil: ${connector(reader, 'readOnly: true')}
exchanges:
  - { name: supply-town, supply: town, connector: civil, source: { table: town, columns: { name: label } } }
`,
    sw: `connectors:
  received: ${connector(writer, 'schema: received')}
exchanges:
  - { name: pull-town, consume: town, connector: received, target: { table: town, create: true } }
`,
  };

  beforeAll(async () => {
    await run(`CREATE DATABASE ${tag}`, 'postgres');
    await run(`CREATE ROLE ${reader} LOGIN PASSWORD '${DATABASE_PASSWORD}'; CREATE ROLE ${writer} LOGIN PASSWORD '${DATABASE_PASSWORD}';
      REVOKE ALL ON DATABASE ${tag} FROM PUBLIC; GRANT CONNECT ON DATABASE ${tag} TO ${reader}; GRANT CONNECT, TEMPORARY ON DATABASE ${tag} TO ${writer};
      CREATE SCHEMA received AUTHORIZATION ${writer}; CREATE TABLE town (code varchar(40) PRIMARY KEY, label varchar(40));
      GRANT SELECT ON town TO ${reader};
      SET ROLE ${writer}; CREATE TABLE received.no_key (code text, name text);
      CREATE TABLE received.narrow (code varchar(40) PRIMARY KEY, name varchar(39));
      RESET ROLE; CREATE TABLE received.theirs (code varchar(40) PRIMARY KEY, name varchar(40)); GRANT SELECT ON received.theirs TO ${writer}`);
    rig = await createRig();
    for (const department of ['mz', 'sw'] as const) {
      await rig.enrol(department, department, configs[department]);
    }
    await rig.publish(resourceOf('town', [{ column: 'code' }, { column: 'name' }]), 'mz');
    await rig.subscribe('town');
    for (const department of ['mz', 'sw']) {
      const { control } = await rig.startAgent(department);
      await control.call(controlRoutes.sync, {});
    }
  });
  afterAll(async () => {
    await rig?.close();
    await run(`DROP DATABASE IF EXISTS ${tag} WITH (FORCE)`, 'postgres');
    await run(`DROP ROLE IF EXISTS ${reader}; DROP ROLE IF EXISTS ${writer}`, 'postgres');
  });

  async function examined(agent: string, QZ_LANG: 'zh' | 'en') {
    const args = ['doctor', '--config', `${agent}.yaml`];
    const { code, answer } = await rig.json<{ findings: Finding[] }>(args, { env: { QZ_LANG } });
    return { code, found: answer.findings.filter(({ level }) => level === 'failed' || level === 'warning') };
  }

  it.each(['mz', 'sw'])(
    'finds nothing wrong with %s, whose login has just the rights it needs',
    async (agent) => {
      expect(await examined(agent, 'en')).toEqual({ code: 0, found: [] });
    },
  );

  const wrong: readonly {
    readonly agent: 'mz' | 'sw';
    readonly what: string;
    readonly config?: readonly [string | RegExp, string];
    readonly sql?: string;
    readonly undo?: string;
    readonly check: string;
    readonly code: string;
    readonly exit: number;
  }[] = [
    {
      agent: 'mz',
      what: 'a server that is not there',
      config: [/port: \d+/, 'port: 9'],
      check: 'connector civil',
      code: 'UNREACHABLE',
      exit: 7,
    },
    {
      agent: 'mz',
      what: 'a database that is not there',
      config: [/database: \w+/, 'database: nowhere'],
      check: 'connector civil',
      code: 'DATABASE_MISSING',
      exit: 5,
    },
    {
      agent: 'mz',
      what: 'a wrong password',
      config: [DATABASE_PASSWORD, 'another'],
      check: 'connector civil',
      code: 'LOGIN_REFUSED',
      exit: 3,
    },
    {
      agent: 'mz',
      what: 'no CONNECT',
      sql: `REVOKE CONNECT ON DATABASE ${tag} FROM ${reader}`,
      undo: `GRANT CONNECT ON DATABASE ${tag} TO ${reader}`,
      check: 'connector civil',
      code: 'NO_PERMISSION',
      exit: 4,
    },
    {
      agent: 'mz',
      what: 'a table that is not there',
      config: ['table: town', 'table: twon'],
      check: 'source supply-town',
      code: 'TABLE_MISSING',
      exit: 2,
    },
    {
      agent: 'mz',
      what: 'a column that is not there',
      config: ['label', 'lable'],
      check: 'source supply-town',
      code: 'COLUMN_MISSING',
      exit: 2,
    },
    {
      agent: 'mz',
      what: 'no SELECT',
      sql: `REVOKE SELECT ON town FROM ${reader}; GRANT SELECT ON received.theirs TO ${reader}`,
      undo: `GRANT SELECT ON town TO ${reader}`,
      check: 'source supply-town',
      code: 'NO_PERMISSION',
      exit: 4,
    },
    {
      agent: 'sw',
      what: 'a schema that is not there',
      config: ['schema: received', 'schema: recieved'],
      check: 'target pull-town',
      code: 'SCHEMA_MISSING',
      exit: 2,
    },
    {
      agent: 'sw',
      what: 'no TEMPORARY',
      sql: `REVOKE TEMPORARY ON DATABASE ${tag} FROM ${writer}`,
      undo: `GRANT TEMPORARY ON DATABASE ${tag} TO ${writer}`,
      check: 'target pull-town',
      code: 'NO_PERMISSION',
      exit: 4,
    },
    {
      agent: 'sw',
      what: 'a table of others',
      config: ['table: town', 'table: theirs'],
      check: 'target pull-town',
      code: 'NO_PERMISSION',
      exit: 4,
    },
    {
      agent: 'sw',
      what: 'a table without key',
      config: ['table: town', 'table: no_key'],
      check: 'target pull-town',
      code: 'TARGET_KEY',
      exit: 2,
    },
    {
      agent: 'sw',
      what: 'a column that is too narrow',
      config: ['table: town', 'table: narrow'],
      check: 'target pull-town',
      code: 'COLUMN_NARROW',
      exit: 0,
    },
  ];

  it.each(wrong)('$agent: $what', async ({ agent, config, sql, undo, check, code, exit }) => {
    await rig.writeConfig(
      agent,
      config ? configs[agent].replaceAll(new RegExp(config[0], 'g'), config[1]) : configs[agent],
    );
    if (sql) await run(sql);
    try {
      const zh = await examined(agent, 'zh');
      const en = await examined(agent, 'en');
      for (const { code: ended, found } of [zh, en]) {
        expect(ended, JSON.stringify(found)).toBe(exit);
        expect(found.at(-1), JSON.stringify(found)).toMatchObject({ check, code: `QZ_POSTGRES_${code}` });
        expect(found.filter(({ level }) => level === 'failed').length).toBe(exit === 0 ? 0 : 1);
        for (const { text, hint } of found) {
          expect(hint, text).toMatch(/qianzhi [a-z]+|GRANT/);
          expect(text + hint).not.toMatch(/\{\w+\}/);
        }
      }
      expect(zh.found.at(-1)!.text + zh.found.at(-1)!.hint).toMatch(/\p{Script=Han}/u);
      expect(en.found.at(-1)!.text + en.found.at(-1)!.hint).not.toMatch(/\p{Script=Han}/u);
    } finally {
      if (undo) await run(undo);
      await rig.writeConfig(agent, configs[agent]);
    }
  });

  it('no secret in any output', () => showsNoSecret(rig));
});

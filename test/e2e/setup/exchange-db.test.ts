import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { createRig, type Rig } from '../rig.js';
import {
  type DatabaseKind,
  type Department,
  type DepartmentDatabases,
  hasDatabase,
  openDatabases,
} from './department-database.js';
import { ENTER, inTerminal } from './terminal.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const kinds = ['postgres', 'mysql', 'sqlite'] as const satisfies readonly DatabaseKind[];
const agents = ['mz', 'sw'] as const satisfies readonly Department[];
const items = [
  { column: 'code', name: '代码' },
  { column: 'name', name: '名称' },
  { column: 'amount', type: 'N' as const, length: undefined, precision: 18, scale: 2 },
  { column: 'day', type: 'D' as const, length: undefined },
];

interface Created {
  readonly existing: readonly string[];
  readonly tables: readonly { tables: string[]; sql: string[]; exchange: { name: string } }[];
}

describe.each(kinds)('exchange tables in %s', (kind) => {
  let rig: Rig;
  let databases: DepartmentDatabases;
  const made: Partial<Record<Department, Created>> = {};
  const [out, arrived, now] = ['qz_out_town', 'qz_in_town', 'qz_in_town_now'];
  const create = (agent: Department) => [
    ...['exchange-db', 'create', 'town', '--connector', 'front', '--config', `${agent}.yaml`],
  ];

  beforeAll(async () => {
    if (!hasDatabase(kind)) return;
    rig = await createRig();
    databases = await openDatabases(kind, (department) => rig.at(`${department}.sqlite`));
    for (const agent of agents) {
      const connectors = { front: databases.connectorOf(agent), folder: { type: 'files', path: '.' } };
      await rig.enrol(agent, agent, `connectors: ${JSON.stringify(connectors)}\n`);
    }
    await rig.publish(resourceOf('town', items), 'mz');
    const scan = { column: 'scan', type: 'G' as const, length: 1_000, key: false };
    await rig.publish(resourceOf('scans', [scan], { content: 'files' }), 'mz');
    await rig.subscribe('town');
  });
  afterAll(async () => {
    await rig?.close();
    await databases?.[Symbol.asyncDispose]();
  });

  /** A system of the department reports changes, as it would without us. */
  const writes = (rows: readonly string[]) =>
    databases.run('mz', `INSERT INTO ${out} (qz_op, code, name, amount, day) VALUES ${rows.join(', ')}`);
  const read = (table: string, columns: string, order: string) =>
    databases.run('sw', `SELECT ${columns} FROM ${table} ORDER BY ${order}`);
  async function exchange() {
    expect(await rig.run('mz', 'db-out-town')).toMatchObject({ state: 'done' });
    expect(await rig.run('sw', 'db-in-town')).toMatchObject({ state: 'done' });
  }

  it.skipIf(!hasDatabase(kind))('are planned as SQL to be read, in the language of the reader', async () => {
    const plan = ['exchange-db', 'plan', 'town', '--connector', 'front', '--config', 'mz.yaml'];
    const { code, out: sql, err } = await rig.qz(plan, { env: { QZ_LANG: 'zh' } });
    expect(code).toBe(0);
    expect(sql).toMatch(/^-- 前置库:资源 town\(town\),供出侧,连接器 front\n-- 供出表/);
    expect(sql).toMatch(/CREATE TABLE [^;]*qz_out_town[^;]*;/);
    expect(err).toMatch(/name: db-out-town\n +supply: town\n/);
    const keyless = await rig.json([...plan.slice(0, 2), 'scans', ...plan.slice(3)]);
    expect(keyless).toMatchObject({ code: 2, answer: { error: { code: 'QZ_AGENT_EXCHANGE_DB_KEYLESS' } } });
  });

  it.skipIf(!hasDatabase(kind))('are made by databases alone, and not against a no', async () => {
    const folder = ['exchange-db', 'plan', 'town', '--connector', 'folder', '--config', 'mz.yaml'];
    expect(await rig.json(folder)).toMatchObject({
      code: 2,
      answer: { error: { code: 'QZ_AGENT_EXCHANGE_DB_UNSUPPORTED' } },
    });
    const answers = [{ at: 'run it in the database of front?', type: `n${ENTER}` }];
    const { code, shown } = await inTerminal(create('mz'), answers, rig.folder);
    expect({ code, shown }).toMatchObject({ code: 130, shown: expect.stringContaining('CREATE VIEW') });
    await expect(databases.run('mz', `SELECT * FROM ${out}`)).rejects.toThrow(out);
  });

  it.skipIf(!hasDatabase(kind))('are made once, and only when somebody says so', async () => {
    expect(await rig.json(create('mz'))).toMatchObject({ code: 2 });
    for (const agent of agents) {
      const { code, answer } = await rig.json<Created>([...create(agent), '--yes']);
      expect({ code, answer }).toMatchObject({ code: 0, answer: { existing: [] } });
      made[agent] = answer;
    }
    expect(await rig.json([...create('sw'), '--yes'])).toMatchObject({
      code: 6,
      answer: { error: { code: 'QZ_AGENT_EXCHANGE_DB_EXISTS' } },
    });
    expect(await rig.json([...create('mz'), '--yes', '--side', 'in'])).toMatchObject({
      answer: { error: { code: 'QZ_AGENT_NOT_ORDERED' } },
    });
  });

  it.skipIf(!hasDatabase(kind))('carry what one department writes to what the other reads', async () => {
    for (const agent of agents) {
      const connectors = { front: databases.connectorOf(agent) };
      const exchanges = made[agent]!.tables.map((each) => each.exchange);
      const parts = Object.entries({ connectors, exchanges });
      // JSON is YAML
      const lines = parts.map(([part, value]) => `${part}: ${JSON.stringify(value)}\n`);
      await rig.writeConfig(agent, lines.join(''));
      await rig.startAgent(agent);
      const doctor = await rig.qz(['doctor', '--config', `${agent}.yaml`]);
      expect(doctor.code, doctor.out).toBe(0);
    }
    await writes([
      `('I', 'a', '桥东', 12.50, '2026-02-28')`,
      `('I', 'b', '河南岸', NULL, NULL)`,
      `('I', 'c', '旧名', 1, '2028-02-29')`,
      `('U', 'c', '新名', 1, '2028-02-29')`,
      `('I', 'x', '又删', 1, NULL)`,
      `('D', 'x', NULL, NULL, NULL)`,
    ]);
    await exchange();
    expect(await read(now, 'code, name, amount, day', 'code')).toEqual([
      ['a', '桥东', '12.50', '2026-02-28'],
      ['b', '河南岸', null, null],
      ['c', '新名', '1.00', '2028-02-29'],
    ]);
    expect(await read(arrived, 'qz_op, code, name, qz_unit, qz_status', 'code')).toEqual([
      ['I', 'a', '桥东', 'mz', '0'],
      ['I', 'b', '河南岸', 'mz', '0'],
      ['I', 'c', '新名', 'mz', '0'],
    ]);
  });

  it.skipIf(!hasDatabase(kind))('carry changes and deletes as they come, each once', async () => {
    await databases.run('sw', `UPDATE ${arrived} SET qz_status = 1`);
    await writes([
      `('U', 'a', '桥东街道', 12.5, '2026-02-28')`,
      `('D', 'b', NULL, NULL, NULL)`,
      `('I', 'd', '新增', -0.01, '2026-06-30')`,
    ]);
    await exchange();
    await exchange();
    const unread = 'qz_op, code, name, amount';
    expect(await read(`${arrived} WHERE qz_status = 0`, unread, 'code')).toEqual([
      ['U', 'a', '桥东街道', '12.50'],
      ['D', 'b', '河南岸', null],
      ['I', 'd', '新增', '-0.01'],
    ]);
    expect((await read(now, 'code', 'code')).flat()).toEqual(['a', 'c', 'd']);
    await writes([`('I', 'b', '重来', 2, NULL)`]);
    await exchange();
    const [newest] = await read(arrived, 'qz_op, code, name, qz_key_hash', 'qz_serial DESC');
    const hash = kind === 'sqlite' ? null : expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(newest).toEqual(['I', 'b', '重来', hash]);
  });
});

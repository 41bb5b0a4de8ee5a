import type { JobInfo, QuarantineEntry } from '@qianzhi/agent/control';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { insertRows, sql } from '../../fixtures/tables.js';
import { createRig, type Rig } from '../rig.js';
import { SECRET_VALUE, showsNoSecret } from './refusals.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const MiB = 1 << 20;
let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  const file = rig.at('legacy.sqlite');
  for (const table of ['bad', 'big', 'bytes'])
    sql(file, `CREATE TABLE ${table} (code TEXT PRIMARY KEY, name TEXT)`);
  sql(file, 'CREATE TABLE loose (code TEXT, name TEXT)');
  insertRows(file, 'bad', [
    ['1', '好'],
    [`${SECRET_VALUE}-k`, `${SECRET_VALUE}-too-long-for-its-item`],
  ]);
  insertRows(file, 'big', [
    ['1', 'small'],
    ['2', `${SECRET_VALUE}${'x'.repeat(8 * MiB)}`],
    ['3', 'small too'],
  ]);
  const invalid = `${Buffer.from(SECRET_VALUE).toString('hex')}ff`;
  sql(file, `INSERT INTO bytes VALUES ('1', 'right'), ('2', CAST(x'${invalid}' AS TEXT))`);
  await rig.enrol('mz', 'mz', agentConfig);
  const name = { column: 'name', length: 20 };
  for (const code of ['bad', 'bytes', 'loose'])
    await rig.publish(resourceOf(code, [{ column: 'code' }, name]), 'mz');
  await rig.publish(resourceOf('big', [{ column: 'code' }, { ...name, length: 20_000_000 }]), 'mz');
  await rig.startAgent('mz');
});

const agentConfig = `log: { level: debug }
connectors:
  civil: { type: sqlite, path: ./legacy.sqlite, readOnly: true }
exchanges:
  - { name: supply-bad, supply: bad, connector: civil, source: { table: bad }, rejectLimit: 1 }
  - { name: supply-big, supply: big, connector: civil, source: { table: big }, rejectLimit: 1 }
  - { name: supply-bytes, supply: bytes, connector: civil, source: { table: bytes }, rejectLimit: 1 }
  - { name: supply-loose, supply: loose, connector: civil, source: { table: loose } }
`;

afterAll(async () => {
  await rig?.close();
});

it('doctor tells of a table whose key nothing keeps unique, and of no other', async () => {
  const { code, answer } = await rig.json<{
    findings: readonly { check: string; code?: string; text: string }[];
  }>(['doctor'], { env: { QZ_CONFIG: 'mz.yaml' } });
  const keyless = answer.findings.filter((one) => one.code === 'QZ_AGENT_TABLE_KEYLESS');
  expect(keyless).toMatchObject([{ check: 'source supply-loose', text: expect.stringContaining('loose') }]);
  expect(code).toBe(0);
});

describe('a row that is wrong goes to the quarantine, the others go on', () => {
  async function supplied(exchange: string, reason: string, stored: number) {
    const { code, answer } = await rig.json<JobInfo>(['job', 'run', exchange, '--wait'], {
      env: { QZ_CONFIG: 'mz.yaml' },
    });
    expect(code, JSON.stringify(answer)).toBe(0);
    expect(answer).toMatchObject({ state: 'done', summary: { stored, rejected: 1 } });
    const list = ['quarantine', 'list', '--exchange', exchange];
    const { answer: quarantine } = await rig.json<{ rows: QuarantineEntry[] }>(list, {
      env: { QZ_CONFIG: 'mz.yaml' },
    });
    expect(quarantine.rows).toMatchObject([{ exchange, reason }]);
    expect((await rig.qz(list, { env: { QZ_CONFIG: 'mz.yaml' } })).out).toContain(reason);
  }

  it('over the limit of 8 MiB', () => supplied('supply-big', 'row-too-large', 2));
  it('invalid UTF-8', () => supplied('supply-bytes', 'invalid-utf8', 1));
  it('a value longer than its item', () => supplied('supply-bad', 'too-long', 1));
});

it('no row value in any output, log or error', async () => {
  const job = { env: { QZ_CONFIG: 'mz.yaml' } };
  const { answer } = await rig.json<{ jobs: JobInfo[] }>(['job', 'list'], job);
  for (const { id } of answer.jobs) await rig.qz(['job', 'log', id], job);
  for (const words of [
    'agent status',
    'stream list',
    'quarantine list',
    'receipt list',
    'doctor',
    'connector check civil',
  ])
    await rig.qz([...words.split(' '), '--json'], job);
  await rig.qz(['connector', 'preview', '--connector', 'civil', '--table', 'bad'], job);
  await rig.stopAgent('mz');
  await rig.platform.stop();
  expect(rig.shown(), 'the agent wrote its log').toContain('"level":');
  await showsNoSecret(rig);
});

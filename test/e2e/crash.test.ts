import { createHash } from 'node:crypto';
import { cp, mkdir } from 'node:fs/promises';
import { controlRoutes, type JobInfo } from '@qianzhi/agent/control';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, rowsOf, sql } from '../fixtures/tables.js';
import { commandsIn } from './hints.js';
import { eventually } from './program.js';
import { createRig, type Rig, type RigAgent } from './rig.js';

/** Processes ended with kill -9 in the middle of their work, with the real machinery and no failpoints. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Wide and incompressible, so that 90,000 rows are a dozen batches of 4 MiB. */
const ROWS = 90_000;
const columns = ['code', 'name', 'note'];
let rig: Rig;
let mz: RigAgent;
let sw: RigAgent;

function rows(from: number, count: number): [string, string, string][] {
  return Array.from({ length: count }, (_, index) => {
    const code = String(from + index).padStart(9, '0');
    const note = createHash('sha512').update(code).digest('hex').repeat(4);
    return [code, `村 ${index % 977}`, note];
  });
}

beforeAll(async () => {
  rig = await createRig({}, { leaseSeconds: 10 });
  sql(
    rig.at('legacy.sqlite'),
    'PRAGMA journal_mode = WAL',
    'CREATE TABLE village (code TEXT PRIMARY KEY, name TEXT, note TEXT)',
  );
  insertRows(rig.at('legacy.sqlite'), 'village', rows(0, ROWS));
  await rig.enrol(
    'mz',
    'mz',
    'connectors: { civil: { type: sqlite, path: ./legacy.sqlite, readOnly: true } }\nexchanges:\n  - { name: supply, supply: village, connector: civil, strategy: diff, source: { table: village } }\n',
  );
  await rig.enrol(
    'sw',
    'sw',
    'connectors: { own: { type: sqlite, path: ./own.sqlite, create: true } }\nexchanges:\n  - { name: pull, consume: village, connector: own, target: { table: village, create: true } }\n',
  );
  const items = [{ column: 'code' }, { column: 'name' }, { column: 'note', length: 600 }];
  await rig.publish(resourceOf('village', items), 'mz');
  await rig.subscribe('village');
  mz = await rig.startAgent('mz');
  sw = await rig.startAgent('sw');
});

afterAll(async () => {
  await rig?.close();
});

const batches = async (agent: RigAgent) => {
  const { streams } = await agent.control.call(controlRoutes.streams, {});
  return streams.at(-1);
};

const begin = (agent: RigAgent, exchange: string) =>
  agent.control.call(controlRoutes.runJob, { params: { exchange } });

/** The job a crash interrupted goes on by itself after the next start. */
function done(agent: RigAgent, job: JobInfo): Promise<JobInfo> {
  return eventually(`${job.id} to be done`, 100_000, async () => {
    const now = await agent.control.call(controlRoutes.showJob, { params: { job: job.id } });
    if (now.state === 'failed') throw new Error(JSON.stringify(now.problem));
    return now.state === 'done' ? now : undefined;
  });
}

function same(): void {
  const [source, target] = [rig.at('legacy.sqlite'), rig.at('own.sqlite')].map((file) =>
    rowsOf(file, 'village', columns),
  );
  expect(target!.length).toBe(source!.length);
  expect(JSON.stringify(target) === JSON.stringify(source), 'equal value by value').toBe(true);
}

describe('kill -9', () => {
  it('of the provider in the middle of a supply, then of the platform in the middle of its intake', async () => {
    const job = await begin(mz, 'supply');
    await eventually(
      'some of it to be sealed',
      60_000,
      async () => ((await batches(mz))?.head.seq ?? 0) >= 2 || undefined,
    );
    await rig.stopAgent('mz', 'SIGKILL');
    mz = await rig.startAgent('mz');
    const before = (await batches(mz))?.receiptedSeq ?? 0;
    await eventually(
      'the platform to take more',
      60_000,
      async () => (await batches(mz))!.receiptedSeq > before || undefined,
    );
    await rig.platform.stop('SIGKILL');
    const interrupted = await mz.control.call(controlRoutes.showJob, { params: { job: job.id } });
    expect(interrupted.state, 'not all was taken when the platform went').not.toBe('done');
    await rig.startPlatform(Number(new URL(rig.url).port));
    const { summary } = await done(mz, job);
    expect(summary).toMatchObject({ rejected: 0 });
    const { head, receiptedSeq } = (await batches(mz))!;
    expect(head.seq).toBeGreaterThan(2);
    expect(receiptedSeq).toBe(head.seq);
  });

  it('of the consumer in the middle of applying: nothing is lost and nothing doubled', async () => {
    const job = await begin(sw, 'pull');
    await eventually(
      'some of it to be applied',
      60_000,
      async () => ((await batches(sw))?.head.seq ?? 0) >= 1 || undefined,
    );
    await rig.stopAgent('sw', 'SIGKILL');
    sw = await rig.startAgent('sw');
    await done(sw, job);
    same();
    const { code, answer } = await rig.json<{ ok: boolean }>(['receipt', 'verify', '--config', 'sw.yaml']);
    expect({ code, ok: answer.ok }).toEqual({ code: 0, ok: true });
  });

  it('of both agents in the middle of an increment', async () => {
    sql(
      rig.at('legacy.sqlite'),
      `UPDATE village SET name = name || '改' WHERE code < '000015000'`,
      `DELETE FROM village WHERE code > '000030000'`,
    );
    insertRows(rig.at('legacy.sqlite'), 'village', rows(ROWS, 12_000));
    const supply = await begin(mz, 'supply');
    const head = (await batches(mz))!.head.seq;
    await eventually(
      'the first batch of the increment',
      60_000,
      async () => (await batches(mz))!.head.seq > head || undefined,
    );
    await rig.stopAgent('mz', 'SIGKILL');
    mz = await rig.startAgent('mz');
    const pull = await begin(sw, 'pull');
    await eventually('the pull to run', 60_000, async () => {
      const { state } = await sw.control.call(controlRoutes.showJob, { params: { job: pull.id } });
      return state !== 'queued' || undefined;
    });
    await rig.stopAgent('sw', 'SIGKILL');
    sw = await rig.startAgent('sw');
    await done(mz, supply);
    await done(sw, pull);
    const last = await rig.run('sw', 'pull');
    expect(last.state, JSON.stringify(last.problem)).toBe('done');
    same();
  });
});

describe('one identity runs once', () => {
  it('on one machine: the second is told the pid of the first, and the command after it has ended', async () => {
    const second = await rig.json(['agent', 'start', '--config', 'sw.yaml']);
    expect(second).toMatchObject({ code: 6, answer: { error: { code: 'QZ_ENGINE_ALREADY_RUNNING' } } });
    const { message, hint } = second.answer.error;
    expect(message).toContain(String(sw.process.pid));
    const [command] = commandsIn(hint);
    expect(command).toBe('qianzhi agent start');
    await rig.stopAgent('sw');
    sw = await rig.startAgent('sw');
    expect((await rig.run('sw', 'pull')).state).toBe('done');
  });

  it('on two machines: the second fences the first, which stops with a coded error and can start again', async () => {
    await mkdir(rig.at('copy-state'), { mode: 0o700 });
    await cp(rig.at('sw-state/identity.json'), rig.at('copy-state/identity.json'));
    await rig.writeConfig('copy', '');
    const first = sw.process;
    await rig.startAgent('copy');
    const { code, err } = await first.ended;
    expect(code).toBe(4);
    expect(err).toContain('✗ QZ_PLATFORM_INSTANCE_FENCED');
    expect(commandsIn(err.slice(err.indexOf('✗ QZ_PLATFORM')))).toEqual(['qianzhi agent start']);
    await rig.stopAgent('copy');
    sw = await rig.startAgent('sw');
    expect((await rig.run('sw', 'pull')).state).toBe('done');
  });
});

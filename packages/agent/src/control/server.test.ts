import { stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Engine, ExchangeInfo, JobInfo } from '@qianzhi/engine';
import { modelErrors } from '@qianzhi/model';
import { describe, expect, it, onTestFinished } from 'vitest';
import { agentErrors } from '../errors.js';
import type { AgentStatus } from '../status.js';
import { tempFolder } from '../testing/temp-folder.js';
import { connectAgent } from './connect.js';
import { controlRoutes } from './routes.js';
import { startControl } from './server.js';
import { controlSocket } from './socket.js';

const job: JobInfo = {
  id: 'j/1 ä',
  exchange: 'supply-town',
  state: 'done',
  cause: 'manual',
  dueAt: '2026-06-01T00:00:00.000Z',
  attempt: 1,
};
const exchange: ExchangeInfo = {
  exchange: 'supply-town',
  resource: 'town',
  direction: 'supply',
  state: 'paused',
};

const status: AgentStatus = {
  agent: 'mz-agent',
  department: 'mz',
  departmentName: '民政局',
  version: '0.1.0',
  startedAt: '2026-06-01T00:00:00.000Z',
  pid: 1,
  config: { file: '/agent.yaml', appliedAt: '2026-06-01T00:00:00.000Z', restartFor: [] },
  link: {
    url: 'http://a',
    online: true,
    lastContactAt: undefined,
    problemSince: undefined,
    clockSkewSeconds: undefined,
    problem: undefined,
    assignmentsVersion: 3,
    leaseExpiresAt: undefined,
  },
  webhooks: [],
  exchanges: [
    {
      ...exchange,
      dataAt: '2026-06-01T00:00:00.000Z',
      hasData: false,
      cycleSeconds: undefined,
      updateCycle: undefined,
      schedule: undefined,
      dueAt: undefined,
      overdueSeconds: 0,
      quarantined: 0,
    },
  ],
  outbox: { bytes: 0, limitBytes: 1, oldestSealedAt: undefined },
  expiries: [],
  openAlerts: [],
  monitorUrl: undefined,
};

/** Remembers what it was asked; only what these tests use answers. */
function engineDouble() {
  const asked: unknown[] = [];
  const note =
    <T>(answer: T) =>
    (...args: unknown[]) => {
      asked.push(args.filter((arg) => !(arg instanceof AbortSignal)));
      return answer;
    };
  const engine = {
    jobs: {
      list: note([job]),
      run: (name: string) => {
        asked.push([name]);
        if (name === 'stopped') throw modelErrors.SEAL_BROKEN();
        if (name === 'broken') throw new TypeError('row 上海 is secret');
        return job;
      },
      status: note(job),
      pause: note(exchange),
    },
    streams: { show: note({ name: 'town/mz-agent/1' }), recover: note(Promise.resolve([])) },
    quarantine: { export: note(Promise.resolve(2)) },
    receipts: { list: note([]) },
    exchanges: { list: () => [exchange] },
  } as unknown as Engine;
  return { engine, asked };
}

async function running() {
  const stateDir = await tempFolder();
  const { engine, asked } = engineDouble();
  const logged: object[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (facts: object) => void logged.push(facts) };
  let syncs = 0;
  const link = { down: false };
  const sync = async () => {
    syncs += 1;
    if (link.down) throw modelErrors.SEAL_BROKEN();
  };
  const reconciler = { begin: async () => [], running: () => [], results: () => [] };
  const socketPath = controlSocket(stateDir);
  await writeFile(socketPath, 'left by a crash');
  const reload = async () => {
    throw agentErrors.CONFIG_MISSING({ file: '/agent.yaml' });
  };
  const target = {
    engine,
    log,
    status: () => status,
    sync,
    reload,
    keys: () => [],
    alerts: () => [],
    reconciler,
    ask: () => Promise.reject(modelErrors.SEAL_BROKEN()),
    api: { subject: async () => ({ push: [], read: [], query: [] }), running: undefined },
    feeds: { list: async () => [] },
    webhooks: { status: () => [], retry: async () => 0, drop: async () => 0, test: async () => 'host' },
  };
  const stop = await startControl(socketPath, target);
  const agent = connectAgent(stateDir);
  onTestFinished(async () => {
    await agent.close();
    await stop();
  });
  return { agent, asked, link, logged, socketPath, stateDir, stop, syncs: () => syncs };
}

describe('the control socket', () => {
  it('replaces one left by a crash and is its owner’s alone', async () => {
    const { agent, socketPath } = await running();
    const { mode } = await stat(socketPath);
    expect(mode & 0o777).toBe(0o600);
    expect(await agent.call(controlRoutes.status, {})).toEqual(JSON.parse(JSON.stringify(status)));
  });

  it('hands names on as they are, slashes and blanks included', async () => {
    const { agent, asked } = await running();
    await agent.call(controlRoutes.showJob, { params: { job: job.id } });
    await agent.call(controlRoutes.showStream, { params: { stream: 'town/mz-agent/1' } });
    expect(asked).toEqual([[job.id], ['town/mz-agent/1']]);
  });

  it('fills and checks queries and bodies', async () => {
    const { agent, asked } = await running();
    expect(await agent.call(controlRoutes.jobs, { query: { state: 'done', limit: 7 } })).toEqual({
      jobs: [job],
    });
    await agent.call(controlRoutes.jobs, {});
    await agent.call(controlRoutes.recover, { body: { reason: 'disk lost' } });
    expect(asked).toEqual([[{ state: 'done', limit: 7 }], [{ limit: 50 }], [{ reason: 'disk lost' }]]);
    await expect(agent.call(controlRoutes.jobs, { query: { state: 'odd' } })).rejects.toMatchObject({
      code: 'QZ_MODEL_SHAPE_WRONG',
    });
    await expect(agent.call(controlRoutes.recover, { body: { reason: '' } })).rejects.toMatchObject({
      code: 'QZ_MODEL_SHAPE_WRONG',
    });
  });

  it('separates filter and file of an export', async () => {
    const { agent, asked } = await running();
    const body = { exchange: 'supply-town', file: '/tmp/x' };
    expect(await agent.call(controlRoutes.exportQuarantine, { body })).toEqual({ rows: 2, file: '/tmp/x' });
    expect(asked).toEqual([[{ exchange: 'supply-town' }, '/tmp/x']]);
  });

  it('runs by hand on the newest orders, and on those at hand where the platform is out of reach', async () => {
    const { agent, asked, link, syncs } = await running();
    await agent.call(controlRoutes.runJob, { params: { exchange: 'pull-town' } });
    expect(syncs()).toBe(1);
    link.down = true;
    await agent.call(controlRoutes.runJob, { params: { exchange: 'pull-town' } });
    expect(syncs()).toBe(2);
    expect(asked).toEqual([['pull-town'], ['pull-town']]);
  });

  it('fetches before it answers a sync', async () => {
    const { agent, syncs } = await running();
    expect(await agent.call(controlRoutes.sync, {})).toMatchObject({ agent: 'mz-agent' });
    expect(syncs()).toBe(1);
  });

  it('carries coded errors as they are, and hides what is behind any other', async () => {
    const { agent, logged } = await running();
    const run = (name: string) => agent.call(controlRoutes.runJob, { params: { exchange: name } });
    await expect(run('stopped')).rejects.toMatchObject({ code: 'QZ_MODEL_SEAL_BROKEN', kind: 'integrity' });
    const error: unknown = await run('broken').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: agentErrors.CONTROL_FAILED().code, kind: 'internal' });
    expect(JSON.stringify(error)).not.toContain('上海');
    expect(logged).toMatchObject([{ error: 'TypeError' }]);
    expect(JSON.stringify(logged)).not.toContain('上海');
  });

  it('refuses a body that is not JSON', async () => {
    const { socketPath } = await running();
    const code = await new Promise<number>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const call = request({ socketPath, path: '/api/v1/recover', method: 'POST', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode!);
      });
      call.on('error', reject).end('{');
    });
    expect(code).toBe(422);
  });
});

describe('when no agent runs', () => {
  it('says so with the command that starts it', async () => {
    const agent = connectAgent(await tempFolder());
    const error: unknown = await agent.call(controlRoutes.status, {}).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'QZ_AGENT_NOT_RUNNING', kind: 'unavailable' });
    expect((error as { hint: string }).hint).toContain('qianzhi agent start');
    await agent.close();
  });

  it('keeps the socket path short enough for every system', () => {
    expect(controlSocket(join('/', 'd'.repeat(200))).length).toBeLessThanOrEqual(100);
    expect(controlSocket('/a')).not.toBe(controlSocket('/b'));
  });
});

import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { insertRows, sql } from '../../fixtures/tables.js';
import { eventually, startProgram } from '../program.js';
import { createRig, type Rig, type RigAgent } from '../rig.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

/** A running agent whose config is changed: by commands, by an editor, by a signal. */
let rig: Rig;
let agent: RigAgent;
const at = { env: { QZ_CONFIG: 'mz.yaml' } };

interface Status {
  readonly pid: number;
  readonly monitorUrl: string;
  readonly config: {
    readonly appliedAt: string;
    readonly problem?: { readonly code: string };
    readonly restartFor: readonly string[];
  };
  readonly exchanges: readonly { readonly exchange: string }[];
}

beforeAll(async () => {
  rig = await createRig();
  sql(rig.at('legacy.sqlite'), 'CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT)');
  insertRows(rig.at('legacy.sqlite'), 'town', [['1', 'one']]);
  await rig.enrol(
    'mz',
    'mz',
    'monitor: { port: 0 }\nconnectors:\n  civil: { type: sqlite, path: ./legacy.sqlite }\n',
  );
  await rig.publish(resourceOf('town', [{ column: 'code' }, { column: 'name', length: 20 }]), 'mz');
  agent = await rig.startAgent('mz');
});
afterAll(async () => {
  await rig?.close();
});

const status = async () => (await rig.json<Status>(['agent', 'status'], at)).answer;
const names = async () => (await status()).exchanges.map(({ exchange }) => exchange);
const config = () => readFile(rig.at('mz.yaml'), 'utf8');
const edit = async (from: string | RegExp, to: string) =>
  writeFile(rig.at('mz.yaml'), (await config()).replace(from, to));
/** The agent looks at its config without being told. */
const noticed = (what: string, holds: (found: Status) => boolean) =>
  eventually(what, 20_000, async () => {
    const found = await status();
    return holds(found) ? found : undefined;
  });

describe('a running agent', () => {
  it('runs what `exchange add` wrote, in the same process', async () => {
    const { pid } = await status();
    const add = ['exchange', 'add', '--supply', 'town', '--connector', 'civil', '--table', 'town', '--yes'];
    expect(await rig.json([...add, '--cron', ''], at)).toMatchObject({ code: 0, answer: { agent: 'taken' } });
    expect(await rig.run('mz', 'supply-town')).toMatchObject({ state: 'done', summary: { stored: 1 } });
    expect((await status()).pid).toBe(pid);
  });

  it('takes what an editor wrote: renamed, the old exchange is gone', async () => {
    await edit('name: supply-town', 'name: town-out');
    await noticed('the new name', ({ exchanges }) =>
      exchanges.some(({ exchange }) => exchange === 'town-out'),
    );
    expect(await names()).toEqual(['town-out']);
    expect(await rig.json(['job', 'run', 'supply-town'], at)).toMatchObject({
      code: 5,
      answer: { error: { code: 'QZ_ENGINE_EXCHANGE_UNKNOWN' } },
    });
  });

  it('goes on by the old one where the new one is wrong, and says so wherever it is asked', async () => {
    const right = await config();
    await edit(/strategy: \S+/, 'strategy: guess');
    const { config: state, monitorUrl } = await noticed(
      'the fault',
      (found) => found.config.problem !== undefined,
    );
    expect(state.problem?.code).toBe('QZ_AGENT_CONFIG_NOT_APPLIED');
    expect(await names()).toEqual(['town-out']);
    expect(await rig.run('mz', 'town-out')).toMatchObject({ state: 'done' });

    const reload = await rig.qz(['agent', 'reload'], at);
    expect(reload.code).toBe(2);
    expect(reload.err).toContain('QZ_AGENT_CONFIG_NOT_APPLIED');
    expect(reload.err).toContain('/exchanges/0/strategy');
    const ready = await fetch(`${monitorUrl}/readyz`);
    expect(ready.status).toBe(503);
    expect(((await ready.json()) as { parts: object[] }).parts).toContainEqual(
      expect.objectContaining({ part: 'config', ready: false, code: 'QZ_AGENT_CONFIG_NOT_APPLIED' }),
    );
    expect(rig.shown()).toContain('QZ_AGENT_CONFIG_NOT_APPLIED');

    await writeFile(rig.at('mz.yaml'), right.replace('exchanges:', '{{{'));
    const broken = await rig.qz(['agent', 'reload'], at);
    expect(broken.err).toMatch(/QZ_AGENT_CONFIG_NOT_APPLIED.*YAML/);
    expect(await names()).toEqual(['town-out']);

    await writeFile(rig.at('mz.yaml'), right);
    await noticed('the corrected file', (found) => found.config.problem === undefined);
    expect((await rig.qz(['agent', 'reload'], at)).out).toContain('exchanges: as before');
  });

  it('names what needs a restart, to doctor too', async () => {
    await edit('connectors:', 'limits: { concurrentJobs: 2 }\nconnectors:');
    const { config: state } = await noticed('the limits', (found) => found.config.restartFor.length > 0);
    expect(state.restartFor).toEqual(['limits']);
    const { answer } = await rig.json<{ findings: readonly object[] }>(['doctor'], at);
    expect(answer.findings).toContainEqual(
      expect.objectContaining({
        check: 'running-config',
        level: 'warning',
        code: 'QZ_AGENT_CONFIG_NEEDS_RESTART',
      }),
    );
  });

  it('reads secrets and config again by SIGHUP', async () => {
    const before = (await status()).config.appliedAt;
    process.kill(agent.process.pid, 'SIGHUP');
    await noticed('the reading', (found) => found.config.appliedAt > before);
    expect(await names()).toEqual(['town-out']);
  });

  it('is not ended by a SIGHUP that comes while it starts, but reads its config again', async () => {
    await rig.stopAgent('mz');
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    await edit(/url: \S+/, `url: http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const program = startProgram(['agent', 'start', '--config', 'mz.yaml'], { cwd: rig.at('.') });
    const [asked] = (await once(silent, 'connection')) as [Socket];
    process.kill(program.pid, 'SIGHUP');
    silent.close();
    asked.destroy();
    await program.until(/the config was read again/);
    expect(await program.stop()).toMatchObject({ code: 0 });
  });
});

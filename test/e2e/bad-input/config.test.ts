import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRig, type Rig } from '../rig.js';
import { DATABASE_PASSWORD, fails, showsNoSecret } from './refusals.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  // what is wrong with a config is met by an agent that could start
  await rig.enrol('mz', 'mz', 'connectors: {}\n');
});

afterAll(async () => {
  await rig?.close();
});

describe('a config that is wrong', () => {
  async function config(file: string, text: string) {
    await writeFile(rig.at(file), text);
    return ['agent', 'start', '--config', file];
  }

  it('is not there', async () => {
    const expected = { code: 'QZ_AGENT_CONFIG_MISSING', exit: 2, names: ['none.yaml', 'qianzhi init'] };
    await fails(rig, ['agent', 'start', '--config', 'none.yaml'], expected);
  });

  it('no YAML: line and column', async () => {
    const args = await config(
      'syntax.yaml',
      'platform: { url: http://127.0.0.1:1 }\nconnectors: {\n  a: [1\n',
    );
    await fails(rig, args, {
      code: 'QZ_AGENT_CONFIG_SYNTAX',
      exit: 2,
      names: ['syntax.yaml', /line \d+|第 \d+ 行/],
    });
  });

  it('a field that does not exist or is of another type: its line', async () => {
    const args = await config(
      'shape.yaml',
      `platform: { url: http://127.0.0.1:1 }\nconnectors: {}\nexchanges:\n  - name: a\n    supply: town\n    connector: x\n    rejectLimit: many\n    source: {}\n`,
    );
    await fails(rig, args, {
      code: 'QZ_AGENT_CONFIG_WRONG',
      exit: 2,
      names: ['shape.yaml', /line 7|第 7 行/, 'rejectLimit'],
    });
  });

  it('unknown plugin type: which, where, and what there is', async () => {
    const args = await config(
      'plugin.yaml',
      `platform: { url: http://127.0.0.1:1 }\nstateDir: ./mz-state\nconnectors:\n  civil: { type: dbase, path: x }\nexchanges:\n  - { name: a, supply: town, connector: civil, source: { table: town } }\n`,
    );
    await fails(rig, args, { code: 'QZ_PLUGIN_UNKNOWN', exit: 2, names: ['dbase', 'sqlite'] });
    const { code, answer } = await rig.json<{ findings: object[] }>([
      'config',
      'validate',
      '--config',
      'plugin.yaml',
    ]);
    expect(code).toBe(2);
    expect(answer.findings[0]).toMatchObject({ line: 4, code: 'QZ_PLUGIN_UNKNOWN' });
  });

  it("a connector's own fields: the file and line, never the value", async () => {
    const args = await config(
      'own.yaml',
      `platform: { url: http://127.0.0.1:1 }\nstateDir: ./mz-state\nconnectors:\n  civil: { type: sqlite, path: x, password: ${DATABASE_PASSWORD}, busyTimeoutMs: ${DATABASE_PASSWORD} }\n`,
    );
    await fails(rig, args, { code: 'QZ_PLUGIN_CONFIG_WRONG', exit: 2, names: [/own\.yaml:4/, 'civil'] });
  });

  it('a secret that is not there or open to others', async () => {
    const head = 'platform: { url: http://127.0.0.1:1 }\nconnectors:\n';
    await fails(
      rig,
      await config('env.yaml', `${head}  civil: { type: sqlite, path: '\${env:QZ_NOT_SET}' }\n`),
      {
        code: 'QZ_AGENT_SECRET_ENV_MISSING',
        exit: 2,
        names: ['QZ_NOT_SET', /line 3|第 3 行/],
      },
    );
    await writeFile(rig.at('open-secret'), DATABASE_PASSWORD, { mode: 0o644 });
    await fails(
      rig,
      await config('open.yaml', `${head}  civil: { type: sqlite, path: '\${file:open-secret}' }\n`),
      {
        code: 'QZ_AGENT_SECRET_FILE_OPEN',
        exit: 2,
        names: ['open-secret', '644', 'chmod 600'],
      },
    );
  });

  it('of the platform: an unusable data folder, a port that is taken', async () => {
    await writeFile(rig.at('a-file'), '');
    await fails(rig, ['platform', 'start', '--data-dir', 'a-file', '--port', '0', '--audience', 'x'], {
      code: 'QZ_PLATFORM_DATA_DIR_UNUSABLE',
      exit: 2,
      names: ['a-file'],
    });
    await fails(rig, ['platform', 'start', '--data-dir', 'platform', '--port', '0', '--audience', 'x'], {
      code: 'QZ_PLATFORM_DATA_DIR_IN_USE',
      exit: 6,
      names: ['platform'],
    });
    const port = new URL(rig.url).port;
    await fails(rig, ['platform', 'start', '--data-dir', 'second', '--port', port, '--audience', 'x'], {
      code: 'QZ_PLATFORM_PORT_UNUSABLE',
      exit: 2,
      names: [port],
    });
  });
});

it('no secret in any output', () => showsNoSecret(rig));

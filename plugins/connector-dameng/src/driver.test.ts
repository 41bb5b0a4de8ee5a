import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeConnector, noAbort, quietContext } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { connectorOver } from './connector.js';
import { missingModule } from './driver/driver.js';
import { damengErrors } from './errors.js';
import { damengHarness } from './test/harness.js';
import { scriptedDriver } from './test/scripted-driver.js';
import { config, connect } from './test/site.js';

describe('the driver of Dameng', () => {
  it('is asked for when a connection is opened, with the commands that bring it offline', async () => {
    const absent = connectorOver(async () => {
      throw damengErrors.DRIVER_MISSING({ module: 'dmdb' });
    });
    await expect(absent.open(config, quietContext, noAbort)).rejects.toMatchObject({
      code: 'QZ_DAMENG_DRIVER_MISSING',
      kind: 'config',
    });
    const { zh, en } = damengErrors.DRIVER_MISSING({ module: 'dmdb' }).texts;
    for (const { hint } of [zh, en]) {
      expect(hint).toContain('npm install --prefix driver dmdb@1.0.48286');
      expect(hint).toContain('/opt/qianzhi/node_modules');
    }
  });

  it('is found in a node_modules above the programs, and what it lacks itself is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'qianzhi-dameng-'));
    const put = async (path: string, text: string) => {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), text);
    };
    const load = async () => {
      const script = `import('dmdb').then(() => console.log('loaded'), (error) => console.log(JSON.stringify({ code: error.code, message: error.message })))`;
      await put('versions/1/app/plugins/p/entry.mjs', script);
      const entry = join(folder, 'versions/1/app/plugins/p/entry.mjs');
      return (await promisify(execFile)(process.execPath, [entry])).stdout.trim();
    };
    try {
      expect(missingModule(JSON.parse(await load()))).toBe('dmdb');
      await put('node_modules/dmdb/package.json', '{"name":"dmdb","main":"index.js"}');
      await put('node_modules/dmdb/index.js', `require('iconv-lite')`);
      expect(missingModule(JSON.parse(await load()))).toBe('iconv-lite');
      await put('node_modules/iconv-lite/index.js', '');
      expect(await load()).toBe('loaded');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is given up when it does not connect in time, and one that comes too late is closed', async () => {
    const { driver } = scriptedDriver(() => ({}));
    let late: ((connection: Awaited<ReturnType<typeof driver.getConnection>>) => void) | undefined;
    const pending = new Promise<Awaited<ReturnType<typeof driver.getConnection>>>((resolve) => {
      late = resolve;
    });
    const slow = connectorOver(async () => ({ ...driver, getConnection: () => pending }));
    const connection = await slow.open({ ...config, connectTimeoutMs: 1000 }, quietContext, noAbort);
    await expect(connection.check(noAbort)).rejects.toMatchObject({ code: 'QZ_SQL_UNREACHABLE' });
    let closed = false;
    const made = await driver.getConnection({});
    late?.({
      ...made,
      async close() {
        closed = true;
      },
    });
    await expect.poll(() => closed).toBe(true);
  });

  it('is cut off when a statement takes longer than it may', async () => {
    const driver = scriptedDriver(() => ({ hangs: true }));
    const connection = await connect(driver, { statementTimeoutMs: 1000 });
    await expect(connection.check(noAbort)).rejects.toMatchObject({
      code: 'QZ_SQL_STATEMENT_TIMEOUT',
      details: { timeoutMs: 1000 },
    });
    expect(driver.cut).toBe(1);
  });
});

const url = process.env.QZ_TEST_DAMENG_URL;

/**
 * Where there is a server, and the driver beside it; it needs an empty schema of its own with the right to make tables and triggers:
 * `dm://user:password@host:5236`.
 */
if (url) describeConnector(damengHarness(url));

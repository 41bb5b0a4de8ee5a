import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_ROOT, type Problem, personRoutes } from '@qianzhi/model';
import { afterEach, describe, expect, it } from 'vitest';
import { allText, openBeside, testDatabase } from '../database/test-database.js';
import { startPlatform } from './start-platform.js';
import { firstOfficer, settle, signIn, startTestPlatform, type TestPlatform } from './test-platform.js';

const platforms: TestPlatform[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const platform of platforms.splice(0)) await platform.remove();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function started(): Promise<TestPlatform> {
  const platform = await startTestPlatform();
  platforms.push(platform);
  return platform;
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
  folders.push(made);
  return made;
}

const settings = (dataDir: string) => ({ dataDir, database: testDatabase(dataDir), port: 0 });
const quiet = { logTo: { write: () => undefined } };

describe('starting', () => {
  it('refuses a second process on the same folder, and takes it again after a stop', async () => {
    const { dataDir, stop, firstStartCode } = await started();
    await expect(startPlatform(settings(dataDir), quiet)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DATA_DIR_IN_USE',
      kind: 'conflict',
    });
    await stop();
    const again = await startPlatform(settings(dataDir), quiet);
    expect(again.firstStartCode).not.toBe(firstStartCode);
    await again.stop();
  });

  it('keeps accounts and key over a restart, and prints no code any more', async () => {
    const first = await started();
    await firstOfficer(first);
    const { keyId } = await first.anonymous().call(personRoutes.platformInfo, {});
    await first.stop();
    const again = await startPlatform(settings(first.dataDir), quiet);
    expect(again.firstStartCode).toBeUndefined();
    const restarted = { ...first, url: again.url };
    const info = (await fetch(`${again.url}${API_ROOT}/info`)).json();
    expect(await info).toMatchObject({ keyId, ready: true });
    expect(restarted.url).toContain('127.0.0.1');
    await again.stop();
  });

  it('keeps its key for its owner only, and never replaces a lost one', async () => {
    const { dataDir, stop } = await started();
    const file = join(dataDir, 'platform-key.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await stop();
    chmodSync(file, 0o644);
    const start = () => startPlatform(settings(dataDir), quiet);
    await expect(start()).rejects.toMatchObject({ code: 'QZ_PLATFORM_KEY_FILE_OPEN' });
    rmSync(file);
    await expect(start()).rejects.toMatchObject({ code: 'QZ_PLATFORM_KEY_FILE_LOST' });
  });

  it('names a port in use, a folder that cannot be, and a wrong setting', async () => {
    const { url } = await started();
    const port = Number(new URL(url).port);
    await expect(startPlatform({ ...settings(folder()), port }, quiet)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_PORT_UNUSABLE',
      details: { port },
    });
    await expect(startPlatform({ dataDir: '/proc/none', port: 0 }, quiet)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DATA_DIR_UNUSABLE',
    });
    await expect(startPlatform({ dataDir: folder(), port: 0, leaseSeconds: 1 }, quiet)).rejects.toMatchObject(
      { code: 'QZ_MODEL_SHAPE_WRONG' },
    );
  });

  it('holds at rest neither the first-start code nor a password nor a session token', async () => {
    const platform = await started();
    const officer = await firstOfficer(platform);
    const body = { account: 'officer', password: 'correct horse battery' };
    const { token } = await platform.anonymous().call(personRoutes.signIn, { body });
    await officer.call(personRoutes.whoAmI, {});
    await platform.stop();
    const text = await allText(platform.dataDir);
    expect(text).toContain('officer');
    for (const secret of [platform.firstStartCode!, body.password, token]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('bad requests', () => {
  it('are answered with coded problem details that never repeat the value', async () => {
    const { url } = await started();
    const post = async (body: string, type = 'application/json') => {
      const answer = await fetch(`${url}${API_ROOT}/sessions`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      return (await answer.json()) as Problem;
    };
    const shape = await post('{"account":"someone","password":12345678}');
    expect(shape).toMatchObject({ code: 'QZ_MODEL_SHAPE_WRONG', details: { where: '/password' } });
    expect(JSON.stringify(shape)).not.toContain('12345678');
    expect(await post('{"account":')).toMatchObject({ code: 'QZ_PLATFORM_REQUEST_MALFORMED', status: 400 });
    expect(await post('{"__proto__":{}}')).toMatchObject({ code: 'QZ_PLATFORM_REQUEST_MALFORMED' });
    const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
    expect(await post(deep)).toMatchObject({ code: 'QZ_MODEL_SHAPE_WRONG', details: { where: '/' } });
    expect(await post('x', 'text/plain')).toMatchObject({ code: 'QZ_PLATFORM_REQUEST_MALFORMED' });
    expect(await post(`"${'x'.repeat(1024 * 1024)}"`)).toMatchObject({ code: 'QZ_PLATFORM_BODY_TOO_LARGE' });
    const unknown = await fetch(`${url}/elsewhere`);
    expect(await unknown.json()).toMatchObject({ code: 'QZ_PLATFORM_ROUTE_UNKNOWN', status: 404 });
  });

  it('are refused for U+0000 in any text, by its place, whatever database would keep it', async () => {
    const platform = await started();
    const { officer, person } = await settle(platform);
    const refused = (where: string) => ({ code: 'QZ_MODEL_SHAPE_WRONG', kind: 'data', details: { where } });
    const department = { id: 'mz', name: '民\0政', police: false, competent: false };
    const purpose = { usage: 'work-reference' as const, matter: '', legalBasis: '' };
    const application = { resource: 'r', items: ['a', 'b\0'], purpose, modes: ['docking' as const] };
    const consumer = await person('sw', 'consumer');
    await expect(
      officer.call(personRoutes.putDepartment, { params: { id: 'mz' }, body: department }),
    ).rejects.toMatchObject(refused('/name'));
    await expect(consumer.call(personRoutes.apply, { body: application })).rejects.toMatchObject(
      refused('/items/1'),
    );
    await expect(consumer.call(personRoutes.showCatalog, { params: { code: 'a\0b' } })).rejects.toMatchObject(
      refused('/code'),
    );
    await expect(
      consumer.call(personRoutes.listReceipts, { query: { resource: '\0' } }),
    ).rejects.toMatchObject(refused('/resource'));
  });

  it('that nobody foresaw give an incident number and leak nothing', async () => {
    const platform = await started();
    const officer = await firstOfficer(platform);
    const db = await openBeside(platform.dataDir);
    await db.schema.renameTable('departments', 'elsewhere');
    await db.destroy();
    const failure = officer.call(personRoutes.listDepartments, {});
    await expect(failure).rejects.toMatchObject({ code: 'QZ_PLATFORM_INTERNAL' });
    const error = await failure.catch((e) => e);
    expect(JSON.stringify(error.texts)).not.toMatch(/sqlite|no such table|relation/i);
    expect(platform.log.join('')).toContain(error.details.incident);
    const body = { id: 'secret-id', name: '机密', police: false, competent: false };
    await expect(
      officer.call(personRoutes.putDepartment, { params: { id: body.id }, body }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_INTERNAL' });
    expect(platform.log.join('')).toContain('insert into');
    expect(platform.log.join('')).not.toMatch(/secret-id|机密/);
  });
});

describe('stopping', () => {
  it('closes connections that send nothing and may be called twice', async () => {
    const platform = await started();
    const { hostname, port } = new URL(platform.url);
    const idle = connect(Number(port), hostname);
    await new Promise((done) => idle.once('connect', done));
    await signIn(platform, 'nobody').catch(() => undefined);
    await Promise.all([platform.stop(), platform.stop()]);
    idle.destroy();
    await expect(fetch(platform.url)).rejects.toThrow();
  });
});

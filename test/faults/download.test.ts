import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { personRoutes } from '@qianzhi/model';
import { startTcpProxy, type TcpProxy } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, startProgram } from '../e2e/program.js';
import { createRig, type Rig } from '../e2e/rig.js';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, rowsOf, sql } from '../fixtures/tables.js';

/** SIGKILL of real processes in the middle of a batch download. */
let rig: Rig;
let line: TcpProxy;
/** About 20 MB as a file: more than a line that stalls holds on its way. */
const firms = Array.from({ length: 60_000 }, (_, n) => [
  `c${String(n).padStart(6, '0')}`,
  `${n}`.padEnd(320, '企'),
]);

beforeAll(async () => {
  rig = await createRig();
  const config = `connectors: { legacy: { type: sqlite, path: ./legacy.sqlite } }
exchanges:
  - { name: out, supply: firm, connector: legacy, strategy: snapshot, source: { table: firm }, schedule: {} }
`;
  sql(rig.at('legacy.sqlite'), 'CREATE TABLE firm (code TEXT PRIMARY KEY, note TEXT)');
  insertRows(rig.at('legacy.sqlite'), 'firm', firms);
  await rig.enrol('mz', 'mz', config);
  await rig.startAgent('mz');
  await rig.publish(resourceOf('firm', [{ column: 'code' }, { column: 'note', length: 400 }]), 'mz');
  const purpose = { usage: 'work-reference' as const, matter: '税源管理', legalBasis: '' };
  const body = { resource: 'firm', items: [], purpose, modes: ['batch-download' as const] };
  await rig.as('consumer').call(personRoutes.apply, { body });
  await rig.signIn('consumer');
  expect(await rig.run('mz', 'out')).toMatchObject({ state: 'done', summary: { stored: firms.length } });
  line = await startTcpProxy({ target: { host: '127.0.0.1', port: Number(new URL(rig.url).port) } });
}, 180_000);
afterAll(async () => {
  await line?.[Symbol.asyncDispose]();
  await rig?.close();
});

const download = (out: string) =>
  startProgram(['download', 'firm', '--out', out, '--header', 'columns', '--json'], { cwd: rig.folder });
const listed = async () =>
  (await rig.as('consumer').call(personRoutes.listDownloads, { query: {} })).downloads;

/** Every row once, and the bytes that the signed manifest names. */
async function expectWhole(out: string): Promise<void> {
  const names = (await readdir(rig.at(out))).filter((name) => !name.startsWith('.'));
  const [name] = names.filter((one) => one.endsWith('.csv'));
  expect(names.sort()).toEqual([name, `${name}.manifest.json`].sort());
  const bytes = await readFile(join(rig.at(out), name!));
  const manifest = JSON.parse(await readFile(join(rig.at(out), `${name}.manifest.json`), 'utf8'));
  expect(manifest.body.digest).toBe(`sha-256:${createHash('sha256').update(bytes).digest('base64url')}`);
  const lines = bytes.toString('utf8').split('\r\n').slice(1, -1);
  expect(lines.map((one) => one.split(',')).sort()).toEqual(rowsOf(rig.at('legacy.sqlite'), 'firm'));
}

it('the platform while it prepares the file: prepared anew after its start, under the same request', async () => {
  const begun = download('prepared');
  await eventually('it is being prepared', 60_000, async () =>
    (await listed()).some(({ state }) => state === 'running') &&
    existsSync(rig.at('prepared/.firm.csv.download'))
      ? true
      : undefined,
  );
  const port = Number(new URL(rig.url).port);
  await rig.platform.stop('SIGKILL');
  await begun.stop('SIGKILL'); // it would ask a platform that is gone for half a minute
  await rig.startPlatform(port);
  expect(await download('prepared').ended).toMatchObject({ code: 0 });
  await expectWhole('prepared');
  expect(await listed()).toHaveLength(1);
}, 180_000);

it('the program in the middle of the file: the same command goes on where it was', async () => {
  const password = ['--password-file', 'password'];
  const through = `http://127.0.0.1:${line.port}`;
  expect(await rig.qz(['login', '--url', through, '--account', 'consumer', ...password])).toMatchObject({
    code: 0,
  });
  const killed = download('killed');
  const part = await eventually('some of it is here', 60_000, async () => {
    const names = existsSync(rig.at('killed')) ? await readdir(rig.at('killed')) : [];
    // the note of the request is written by way of a .part, too
    const [name] = names.filter((one) => one.endsWith('.part') && !one.endsWith('.download.part'));
    if (name === undefined) return undefined;
    const { size } = await stat(join(rig.at('killed'), name));
    if (size === 0) return undefined;
    line.stall();
    return join(rig.at('killed'), name);
  });
  await killed.stop('SIGKILL');
  line.cut();
  line.flow();
  const { size } = await stat(part);
  expect(size).toBeGreaterThan(0);
  const { code, out } = await download('killed').ended;
  expect(code).toBe(0);
  expect(JSON.parse(out).resumedBytes).toBeGreaterThan(0);
  await expectWhole('killed');
}, 180_000);

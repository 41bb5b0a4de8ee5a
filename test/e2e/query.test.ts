import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createQuerySite, type QuerySite } from '../integration/query-site.js';
import { startProgram } from './program.js';

let rig: QuerySite;
let cwd: string;
const env = () => ({ QZ_HOME: join(cwd, 'home'), QZ_LANG: 'zh' });
const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  startProgram(args, { cwd, env: { ...env(), ...more } }).ended;
const config = (agent: string) => ['--config', join(rig.site.folder, `${agent}-agent.json`)];

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'qianzhi-query-'));
  rig = await createQuerySite();
  await rig.grant();
  await writeFile(join(cwd, 'password'), 'correct horse battery');
  const login = [
    'login',
    '--url',
    rig.site.url,
    '--account',
    'sw-consumer',
    '--password-file',
    join(cwd, 'password'),
  ];
  expect(await run(login)).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await rig?.close();
  await rm(cwd, { recursive: true, force: true });
});

it('lists what may be asked, in both languages, and in the catalog', async () => {
  const zh = await run(['query']);
  expect(zh).toMatchObject({ code: 0, err: '' });
  expect(zh.out).toMatch(/资源 +服务 +参数/);
  expect(zh.out).toMatch(/firm +by-uscc +uscc\* +uscc name id_no capital +3 +前置机 +按代码查企业/);
  expect((await run(['query', 'firm'], { QZ_LANG: 'en' })).out).toMatch(/resource +service +parameters/);
  expect((await run(['catalog', 'show', 'firm'], { QZ_LANG: 'en' })).out).toMatch(
    /by-uscc +uscc\* +uscc C\(18\)/,
  );
});

it('asks, shows and writes what is answered', async () => {
  const one = ['query', 'firm', 'by-uscc', '--param', 'uscc=U7', '--matter', '税务登记'];
  const shown = await run(one);
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toContain('同名');
  expect(shown.out).toMatch(/1 行,完整;签名已核对,凭证 [0-9a-f-]{36}/);
  const { out } = await run([...one, '--json']);
  expect(JSON.parse(out)).toMatchObject({ values: [['U7', '同名', 'id\t7', '7.50']], complete: true });
  await writeFile(join(cwd, 'keys'), 'U1\nU2\nnone\n');
  const many = await run(['query', 'firm', 'by-uscc', '--keys', 'keys', '--out', 'found.csv']);
  expect(many).toMatchObject({ code: 0 });
  expect(await readFile(join(cwd, 'found.csv'), 'utf8')).toBe(
    '\ufeffuscc,name,id_no,capital\r\nU1,同名,id\t1,1.50\r\nU2,同名,id\t2,2.50\r\n',
  );
  expect(await run(['query', 'firm', 'by-uscc', '--keys', 'keys', '--out', 'found.csv'])).toMatchObject({
    code: 6,
  });
});

it('says that a part is one, by its exit code too', async () => {
  const part = await run(['query', 'firm', 'by-name', '--param', 'name=同名'], { QZ_LANG: 'en' });
  expect(part.code).toBe(8);
  expect(part.err).toContain('not complete: a bound on rows was reached');
  expect(part.out).not.toContain('complete;');
});

it.each([
  [['firm', 'nothing', '--param', 'a=b'], 5, 'QZ_PLATFORM_QUERY_SERVICE_UNKNOWN'],
  [['nothing', 'by-uscc', '--param', 'a=b'], 5, 'QZ_PLATFORM_RESOURCE_UNKNOWN'],
  [['firm', 'by-uscc'], 8, 'QZ_PLATFORM_QUERY_PARAMETER_WRONG'],
  [['firm', 'by-uscc', '--param', 'x=1'], 8, 'QZ_PLATFORM_QUERY_PARAMETER_WRONG'],
  [['firm', 'by-uscc', '--param', 'uscc'], 2, 'QZ_CLI_FLAG_WRONG'],
  [['firm', 'by-uscc', '--keys', 'missing'], 2, 'QZ_CLI_FILE_MISSING'],
  [['firm', 'endless', '--param', 'uscc=U1', '--timeout', '1'], 7, 'QZ_PLATFORM_QUERY_TIMEOUT'],
])('%j ends with %i', async (args, code, error) => {
  const failed = await run(['query', ...args, '--json']);
  expect(failed.code, failed.err).toBe(code);
  expect(JSON.parse(failed.out)).toMatchObject({ error: { code: error } });
});

it('is looked after on the provider’s machine', async () => {
  const log = await run(['query', 'log', ...config('mz-1')]);
  expect(log).toMatchObject({ code: 0, err: '' });
  expect(log.out).toMatch(/已应答 +firm +by-uscc +sw +person:sw-consumer +税务登记 +1/);
  expect(log.out).toMatch(/\d+ 条,链完整/);
  const status = await run(['agent', 'status', ...config('mz-1')]);
  expect(status.out).toContain('查询通道通,应答 3 个查询服务');
  const checked = await run(['connector', 'check', 'db', ...config('mz-1')]);
  expect(checked, checked.err).toMatchObject({ code: 0 });
  expect(checked.out.match(/✓ query firm\/[\w-]+ {2}数据库接受该查询/g)).toHaveLength(3);
  const doctor = await run(['doctor', ...config('mz-1'), '--json']);
  const findings = JSON.stringify(JSON.parse(doctor.out));
  expect(findings).toContain('query firm/by-uscc');
});

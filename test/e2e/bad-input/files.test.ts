import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRig, PASSWORD, type Rig } from '../rig.js';
import { DATABASE_PASSWORD, fails, showsNoSecret } from './refusals.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Wrong paths, addresses and texts, each told in words: a person does not know ENOENT, BAD_INDENT or ERR_INVALID_URL. */
let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  await mkdir(rig.at('folder'));
  await writeFile(rig.at('password'), PASSWORD, { mode: 0o600 });
  await writeFile(
    rig.at('gbk.yaml'),
    Buffer.from([0x6e, 0x3a, 0x20, 0x31, 0x0a, 0xc7, 0xc5, 0x3a, 0x20, 0x31]),
  );
  for (const [file, text] of Object.entries(texts)) await writeFile(rig.at(`${file}.yaml`), text);
});

afterAll(async () => {
  await rig?.close();
});

const texts = {
  indent: `platform: {}\nconnectors:\n  a: 1\n c: ${DATABASE_PASSWORD}\n`,
  tab: 'platform:\n\turl: x\n',
  twice: 'platform: {}\nplatform: {}\n',
  alias: `platform: {}\nconnectors: *${DATABASE_PASSWORD}\n`,
};

const login = (...more: string[]) => ['login', '--account', 'x', '--password-file', 'password', ...more];

describe('a file', () => {
  it.each([
    ['none', 'QZ_CLI_FILE_MISSING', ['none']],
    ['folder', 'QZ_CLI_FILE_UNREADABLE', ['folder', /is a folder|是文件夹/]],
    ['password/inner', 'QZ_CLI_FILE_UNREADABLE', [/not a folder|不是文件夹/]],
    ['gbk.yaml', 'QZ_CLI_FILE_WRONG', ['gbk.yaml', 'UTF-8', /line 2|第 2 行/]],
    ['indent.yaml', 'QZ_CLI_FILE_WRONG', ['indent.yaml', /line 4|第 4 行/, /indentation|缩进/]],
    ['alias.yaml', 'QZ_CLI_FILE_WRONG', [/line 2|第 2 行/, /anchor|锚/]],
  ])('to publish: %s is %s', (file, code, names) =>
    fails(rig, ['catalog', 'publish', file], { code, exit: 2, names }),
  );

  it('to write: a folder that is not there, a file that is', async () => {
    const token = ['agent', 'invite', 'x', '--department', 'sw', '--out', 'password'];
    await fails(rig, token, { code: 'QZ_CLI_FILE_EXISTS', exit: 6, names: ['password'] });
    await fails(rig, ['init', '--config', 'nowhere/agent.yaml'], {
      code: 'QZ_CLI_FILE_UNWRITABLE',
      exit: 2,
      names: ['nowhere/agent.yaml', /its folder does not exist|所在文件夹不存在/],
    });
  });
});

describe('a config', () => {
  it.each([
    ['folder', 'QZ_AGENT_CONFIG_UNREADABLE', [/is a folder|是文件夹/]],
    ['gbk.yaml', 'QZ_AGENT_CONFIG_ENCODING', [/line 2|第 2 行/, 'UTF-8', 'GBK']],
    ['indent.yaml', 'QZ_AGENT_CONFIG_SYNTAX', [/line 4|第 4 行/, /indentation|缩进/]],
    ['tab.yaml', 'QZ_AGENT_CONFIG_SYNTAX', [/line 2|第 2 行/, /tabs|制表符/]],
    ['twice.yaml', 'QZ_AGENT_CONFIG_SYNTAX', [/line 2|第 2 行/, /twice|两次/]],
    ['alias.yaml', 'QZ_AGENT_CONFIG_SYNTAX', [/line 2|第 2 行/, /anchor|锚/]],
  ])('of an agent: %s is %s', (file, code, names) =>
    fails(rig, ['agent', 'start', '--config', file], { code, exit: 2, names: [file, ...names] }),
  );

  it('of the platform is checked by the command its hint names', async () => {
    const expected = { code: 'QZ_CLI_PLATFORM_CONFIG_WRONG', exit: 2 };
    for (const [file, name] of [
      ['indent.yaml', /indentation|缩进/],
      ['folder', /is a folder|是文件夹/],
    ] as const) {
      const names = [name, `qianzhi config validate --platform --config ${rig.at(file)}`];
      await fails(rig, ['platform', 'start', '--config', file], { ...expected, names });
    }
  });

  it('with a state folder that cannot be: found before the token is spent', async () => {
    await writeFile(rig.at('state.yaml'), `platform: { url: ${rig.url} }\nstateDir: ./password/state\n`);
    await rig.invite('state', 'sw');
    const enroll = ['enroll', '--token-file', 'state.token', '--config', 'state.yaml'];
    await fails(rig, enroll, {
      code: 'QZ_AGENT_IDENTITY_UNREADABLE',
      exit: 2,
      names: ['password/state', /not a folder|不是文件夹/],
    });
    await writeFile(rig.at('state.yaml'), `platform: { url: ${rig.url} }\nstateDir: ./state\n`);
    expect((await rig.qz(enroll)).code).toBe(0);
  });
});

describe('an address', () => {
  it.each([
    ['nonsense'],
    ['http://'],
    ['ftp://10.1.2.3'],
    ['http://10.1.2.3:99999'],
    [`http://wang:${DATABASE_PASSWORD}@10.1.2.3`],
  ])('%s is none', async (url) => {
    const expected = { exit: 2, names: ['http://10.1.2.3:8340'] };
    await fails(rig, login('--url', url), { ...expected, code: 'QZ_CLIENT_ADDRESS_WRONG' });
  });

  it('is asked for where it is written, too', async () => {
    const code = 'QZ_CLI_FLAG_WRONG';
    await fails(rig, ['init', '--url', 'nonsense', '--config', 'new.yaml'], {
      code,
      exit: 2,
      names: ['--url'],
    });
    await expect(rm(rig.at('new.yaml')), 'nothing was written').rejects.toThrow();
    const setup = ['platform', 'setup', '--url', 'nonsense', '--account', 'a', '--name', 'b'];
    await fails(rig, [...setup, '--code-file', 'password', '--password-file', 'password'], {
      code: 'QZ_CLIENT_ADDRESS_WRONG',
      exit: 2,
      names: ['nonsense'],
    });
  });

  it('that nobody answers says why', async () => {
    // a port that was free a moment ago
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    for (const [url, name] of [
      [`http://127.0.0.1:${port}`, /nothing listens|没有程序监听/],
      ['http://nobody.invalid', /does not resolve|解析不出|DNS/],
      [`https://127.0.0.1:${new URL(rig.url).port}`, /TLS/],
    ] as const) {
      const names = [url, name];
      await fails(rig, login('--url', url), { code: 'QZ_CLIENT_UNREACHABLE', exit: 7, names });
    }
  });
});

it('no secret in any output', () => showsNoSecret(rig));

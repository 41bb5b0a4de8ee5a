import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { personRoutes } from '@qianzhi/model';
import { keyIdOf } from '@qianzhi/model/crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRig, insertRows, PASSWORD, type Rig, resourceOf, sql } from './rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Values planted in rows: none of them may be seen outside the databases and the quarantine's own export. */
const SECRET_VALUE = 'Row-Value-8843';
const BAD_VALUES = [`${SECRET_VALUE}-too-long-for-its-item`, `${SECRET_VALUE}-12x`, `${SECRET_VALUE}-k`];
const DATABASE_PASSWORD = 'db-Password-5521';
const MiB = 1 << 20;

let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  const file = rig.at('legacy.sqlite');
  sql(
    file,
    'CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT)',
    'CREATE TABLE bad (code TEXT PRIMARY KEY, name TEXT)',
    'CREATE TABLE narrow (code TEXT PRIMARY KEY)',
    'CREATE TABLE typed (code TEXT PRIMARY KEY, amount BLOB)',
    'CREATE TABLE big (code TEXT PRIMARY KEY, name TEXT)',
    'CREATE TABLE bytes (code TEXT PRIMARY KEY, name TEXT)',
  );
  insertRows(file, 'town', [[`${SECRET_VALUE}-1`, '桥东街道']]);
  insertRows(file, 'bad', [
    ['1', '好'],
    [BAD_VALUES[2]!, BAD_VALUES[0]!],
  ]);
  insertRows(file, 'big', [
    ['1', 'small'],
    ['2', `${SECRET_VALUE}${'x'.repeat(8 * MiB)}`],
    ['3', 'small too'],
  ]);
  sql(
    file,
    `INSERT INTO bytes VALUES ('1', 'right'), ('2', CAST(x'${Buffer.from(SECRET_VALUE).toString('hex')}ff' AS TEXT))`,
  );
  await rig.enrol('mz', 'mz', agentConfig);
  await rig.enrol('sw', 'sw', 'connectors: {}\n');
  const name = { column: 'name', length: 20 };
  for (const code of ['town', 'missing', 'bad', 'bytes'])
    await rig.publish(resourceOf(code, [{ column: 'code', length: 40 }, name]), 'mz');
  await rig.publish(resourceOf('narrow', [{ column: 'code' }, name]), 'mz');
  await rig.publish(resourceOf('big', [{ column: 'code' }, { column: 'name', length: 20_000_000 }]), 'mz');
  await rig.publish(
    resourceOf('typed', [{ column: 'code' }, { column: 'amount', type: 'N', length: 10, scale: 2 }]),
    'mz',
  );
  await rig.startAgent('mz');
});

const agentConfig = `log: { level: debug }
connectors:
  civil: { type: sqlite, path: ./legacy.sqlite, readOnly: true }
  gone: { type: sqlite, path: ./nowhere/none.sqlite, readOnly: true }
  closed: { type: sqlite, path: ./closed.sqlite, readOnly: true }
exchanges:
  - { name: supply-town, supply: town, connector: civil, source: { table: town } }
  - { name: supply-gone, supply: town, connector: gone, source: { table: town } }
  - { name: supply-missing, supply: missing, connector: civil, source: { table: no_such_table } }
  - { name: supply-narrow, supply: narrow, connector: civil, source: { table: narrow } }
  - { name: supply-typed, supply: typed, connector: civil, source: { table: typed } }
  - { name: supply-big, supply: big, connector: civil, source: { table: big }, rejectLimit: 1 }
  - { name: supply-bytes, supply: bytes, connector: civil, source: { table: bytes }, rejectLimit: 1 }
  - { name: supply-bad, supply: bad, connector: civil, source: { table: bad }, rejectLimit: 1 }
`;

afterAll(async () => {
  await rig?.close();
});

interface Expected {
  readonly code: string;
  readonly exit: number;
  /** What the message must name: what and where. */
  readonly names: readonly (string | RegExp)[];
}

/** The same failure for a person in both languages and for a program. */
async function fails(args: readonly string[], { code, exit, names }: Expected, options = {}): Promise<void> {
  // one after the other: they would meet in one state folder
  const zh = await rig.qz(args, { env: { QZ_LANG: 'zh' }, ...options });
  const en = await rig.qz([...args, '--json'], { env: { QZ_LANG: 'en' }, ...options });
  expect([zh.code, en.code], `${zh.err}${en.err}`).toEqual([exit, exit]);
  const { error } = JSON.parse(en.out);
  expect(error).toMatchObject({ code, kind: expect.any(String), details: expect.any(Object) });
  expect(zh.err).toContain(`✗ ${code}`);
  for (const text of [zh.err, `${error.message}\n  → ${error.hint}`]) {
    for (const name of names) expect(text).toMatch(name);
    expect(text, 'a line with what to do').toMatch(/\n {2}→ \S/);
    expect(text, 'no place left open, no stack').not.toMatch(/\{\w+\}|\n\s+at /);
  }
  expect(zh.err).toMatch(/\p{Script=Han}/u);
  expect(error.message + error.hint + en.err).not.toMatch(/\p{Script=Han}/u);
}

/** The same for a failed job: `job run --wait` exits by the failure's kind and its JSON is the job. */
async function jobFails(exchange: string, { code, exit, names }: Expected): Promise<void> {
  const env = { QZ_CONFIG: 'mz.yaml' };
  const { code: found, answer } = await rig.json(['job', 'run', exchange, '--wait'], { env });
  expect(found, JSON.stringify(answer)).toBe(exit);
  expect(answer).toMatchObject({
    state: 'failed',
    problem: { code },
    restart: expect.stringMatching(/^qianzhi /),
  });
  for (const [QZ_LANG, script] of [
    ['zh', /\p{Script=Han}/u],
    ['en', /^\P{Script=Han}*$/u],
  ] as const) {
    const shown = await rig.qz(['job', 'status', answer.id], { env: { ...env, QZ_LANG } });
    expect(shown.code).toBe(exit);
    expect(shown.err).toContain(code);
    for (const name of names) expect(shown.err).toMatch(name);
    expect(shown.err).toMatch(script);
    expect(shown.err).not.toMatch(/\{\w+\}/);
  }
}

describe('a connector that cannot be used', () => {
  const env = { QZ_CONFIG: 'mz.yaml' };

  it('wrong path', async () => {
    const expected = {
      code: 'QZ_SQLITE_FILE_MISSING',
      exit: 5,
      names: ['nowhere/none.sqlite', 'config validate'],
    };
    await fails(['connector', 'check', 'gone', '--config', 'mz.yaml'], expected);
    await jobFails('supply-gone', expected);
  });

  it('a connector the config does not have', async () => {
    await fails(['connector', 'check', 'other', '--config', 'mz.yaml'], {
      code: 'QZ_AGENT_CONNECTOR_UNKNOWN',
      exit: 5,
      names: ['other', 'civil'],
    });
  });

  it('missing table', async () => {
    await jobFails('supply-missing', {
      code: 'QZ_SQLITE_TABLE_MISSING',
      exit: 2,
      names: ['no_such_table', 'connector discover'],
    });
  });

  it('catalog item without a column in the table', async () => {
    await jobFails('supply-narrow', {
      code: 'QZ_SQLITE_COLUMN_MISSING',
      exit: 2,
      names: ['narrow', 'name', 'columns'],
    });
  });

  it('a column of a type that does not fit', async () => {
    await jobFails('supply-typed', {
      code: 'QZ_SQLITE_TYPE_UNFIT',
      exit: 2,
      names: ['typed', 'amount', 'BLOB'],
    });
  });

  it('missing permission, as a user that may not read the file', async (context) => {
    // Root may read everything: only as another user is this real.
    if (process.getuid?.() !== 0) return context.skip();
    sql(rig.at('closed.sqlite'), 'CREATE TABLE t (a TEXT)');
    await chmod(rig.at('closed.sqlite'), 0o600);
    await chmod(rig.folder, 0o755);
    await chmod(rig.at('mz.yaml'), 0o644);
    await fails(
      ['connector', 'check', 'closed', '--config', 'mz.yaml'],
      { code: 'QZ_SQLITE_NO_PERMISSION', exit: 2, names: ['closed.sqlite'] },
      { uid: 65_534 },
    );
    await fails(
      ['agent', 'start', '--config', 'mz.yaml'],
      { code: 'QZ_AGENT_IDENTITY_BROKEN', exit: 9, names: ['identity.json', 'EACCES'] },
      { uid: 65_534 },
    );
  });

  it('the names of a job, an exchange and a stream that are not there', async () => {
    const known = { code: 'QZ_ENGINE_EXCHANGE_UNKNOWN', exit: 5, names: ['no-such', 'supply-town'] };
    await fails(['job', 'run', 'no-such', '--config', 'mz.yaml'], known);
    await fails(['job', 'status', 'no-such', '--config', 'mz.yaml'], {
      code: 'QZ_ENGINE_JOB_UNKNOWN',
      exit: 5,
      names: ['no-such', 'job list'],
    });
    await fails(['stream', 'resume', 'no-such', '--config', 'mz.yaml'], {
      code: 'QZ_ENGINE_STREAM_UNKNOWN',
      exit: 5,
      names: ['no-such', 'stream list'],
    });
    expect((await rig.qz(['job', 'list'], { env })).code).toBe(0);
  });
});

describe('a config that is wrong', () => {
  async function config(file: string, text: string) {
    await writeFile(rig.at(file), text);
    return ['agent', 'start', '--config', file];
  }

  it('is not there', async () => {
    const expected = { code: 'QZ_AGENT_CONFIG_MISSING', exit: 2, names: ['none.yaml', 'qianzhi init'] };
    await fails(['agent', 'start', '--config', 'none.yaml'], expected);
  });

  it('no YAML: line and column', async () => {
    const args = await config(
      'syntax.yaml',
      'platform: { url: http://127.0.0.1:1 }\nconnectors: {\n  a: [1\n',
    );
    await fails(args, {
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
    await fails(args, {
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
    await fails(args, { code: 'QZ_PLUGIN_UNKNOWN', exit: 2, names: ['dbase', 'sqlite'] });
    const { code, answer } = await rig.json(['config', 'validate', '--config', 'plugin.yaml']);
    expect(code).toBe(2);
    expect(answer.findings[0]).toMatchObject({ line: 4, code: 'QZ_PLUGIN_UNKNOWN' });
  });

  it("a connector's own fields: the file and line, never the value", async () => {
    const args = await config(
      'own.yaml',
      `platform: { url: http://127.0.0.1:1 }\nstateDir: ./mz-state\nconnectors:\n  civil: { type: sqlite, path: x, password: ${DATABASE_PASSWORD}, busyTimeoutMs: ${DATABASE_PASSWORD} }\n`,
    );
    await fails(args, { code: 'QZ_PLUGIN_CONFIG_WRONG', exit: 2, names: [/own\.yaml:4/, 'civil'] });
  });

  it('a secret that is not there or open to others', async () => {
    const head = 'platform: { url: http://127.0.0.1:1 }\nconnectors:\n';
    await fails(await config('env.yaml', `${head}  civil: { type: sqlite, path: '\${env:QZ_NOT_SET}' }\n`), {
      code: 'QZ_AGENT_SECRET_ENV_MISSING',
      exit: 2,
      names: ['QZ_NOT_SET', /line 3|第 3 行/],
    });
    await writeFile(rig.at('open-secret'), DATABASE_PASSWORD, { mode: 0o644 });
    await fails(
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
    await fails(['platform', 'start', '--data-dir', 'a-file', '--port', '0', '--audience', 'x'], {
      code: 'QZ_PLATFORM_DATA_DIR_UNUSABLE',
      exit: 2,
      names: ['a-file'],
    });
    await fails(['platform', 'start', '--data-dir', 'platform', '--port', '0', '--audience', 'x'], {
      code: 'QZ_PLATFORM_DATA_DIR_IN_USE',
      exit: 6,
      names: ['platform'],
    });
    const port = new URL(rig.url).port;
    await fails(['platform', 'start', '--data-dir', 'second', '--port', port, '--audience', 'x'], {
      code: 'QZ_PLATFORM_PORT_UNUSABLE',
      exit: 2,
      names: [port],
    });
  });
});

describe('a row that is wrong goes to the quarantine, the others go on', () => {
  async function supplied(exchange: string, reason: string, stored: number) {
    const { code, answer } = await rig.json(['job', 'run', exchange, '--wait'], {
      env: { QZ_CONFIG: 'mz.yaml' },
    });
    expect(code, JSON.stringify(answer)).toBe(0);
    expect(answer).toMatchObject({ state: 'done', summary: { stored, rejected: 1 } });
    const list = ['quarantine', 'list', '--exchange', exchange];
    const { answer: quarantine } = await rig.json(list, { env: { QZ_CONFIG: 'mz.yaml' } });
    expect(quarantine.rows).toMatchObject([{ exchange, reason }]);
    expect((await rig.qz(list, { env: { QZ_CONFIG: 'mz.yaml' } })).out).toContain(reason);
  }

  it('over the limit of 8 MiB', () => supplied('supply-big', 'row-too-large', 2));
  it('invalid UTF-8', () => supplied('supply-bytes', 'invalid-utf8', 1));
  it('a value longer than its item', () => supplied('supply-bad', 'too-long', 1));
});

describe('who one is', () => {
  it('a wrong password, and an act of another role', async () => {
    await writeFile(rig.at('password'), PASSWORD, { mode: 0o600 });
    await writeFile(rig.at('wrong'), `${PASSWORD}-not`, { mode: 0o600 });
    const login = ['login', '--url', rig.url, '--account', 'consumer', '--password-file'];
    await fails([...login, 'wrong'], {
      code: 'QZ_PLATFORM_SIGN_IN_WRONG',
      exit: 3,
      names: ['qianzhi login'],
    });
    expect((await rig.qz([...login, 'password'])).code).toBe(0);
    await fails(['agent', 'invite', 'x', '--department', 'sw'], {
      code: 'QZ_PLATFORM_ROLE_MISSING',
      exit: 4,
      names: ['consumer'],
    });
    await fails(['whoami', '--profile', 'nobody'], {
      code: 'QZ_CLI_NOT_SIGNED_IN',
      exit: 3,
      names: ['qianzhi login'],
    });
  });

  it('a spent token, a cut one, one of another platform', async () => {
    await writeFile(rig.at('again.yaml'), `platform: { url: ${rig.url} }\nstateDir: ./again-state\n`);
    const enroll = ['enroll', '--config', 'again.yaml', '--token-file'];
    await fails([...enroll, 'mz.token'], {
      code: 'QZ_PLATFORM_TOKEN_SPENT',
      exit: 6,
      names: ['mz', 'enroll'],
    });
    const token = await readFile(rig.at('mz.token'), 'utf8');
    await writeFile(rig.at('cut.token'), token.slice(0, -9), { mode: 0o600 });
    await fails([...enroll, 'cut.token'], { code: 'QZ_AGENT_TOKEN_MALFORMED', exit: 2, names: ['qz1'] });
    const body = JSON.parse(Buffer.from(token.trim().slice(4), 'base64url').toString());
    const other = {
      ...body,
      platformKey: keyIdOf(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x!),
    };
    await writeFile(
      rig.at('other.token'),
      `qz1.${Buffer.from(JSON.stringify(other)).toString('base64url')}`,
      { mode: 0o600 },
    );
    await fails([...enroll, 'other.token'], {
      code: 'QZ_AGENT_PLATFORM_KEY_WRONG',
      exit: 9,
      names: [rig.url],
    });
    expect(await readdir(rig.at('again-state')).catch(() => []), 'nothing was left behind').toEqual([]);
  });

  /** A copy of mz's identity with other keys, in a state folder of its own. */
  async function forged(name: string, change: (identity: any) => any): Promise<string[]> {
    const identity = JSON.parse(await readFile(rig.at('mz-state/identity.json'), 'utf8'));
    await mkdir(rig.at(`${name}-state`), { mode: 0o700 });
    const text = JSON.stringify(await change(identity));
    await writeFile(join(rig.at(`${name}-state`), 'identity.json'), text, { mode: 0o600 });
    await rig.writeConfig(name, '');
    return ['agent', 'start', '--config', `${name}.yaml`];
  }

  it('a key nobody registered', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const args = await forged('stranger', (identity) => {
      const jwk = publicKey.export({ format: 'jwk' }).x!;
      const pem = privateKey.export({ format: 'jwk' }).d!;
      return { ...identity, publicKey: jwk, keyId: keyIdOf(jwk), privateKey: pem };
    });
    await fails(args, { code: 'QZ_CLIENT_KEY_UNREGISTERED', exit: 3, names: ['enroll'] });
  });

  it("a request signed by another agent's key under this one's key id", async () => {
    const other = JSON.parse(await readFile(rig.at('sw-state/identity.json'), 'utf8'));
    const args = await forged('thief', (identity) => ({ ...identity, privateKey: other.privateKey }));
    await fails(args, { code: 'QZ_CLIENT_SIGNATURE_INVALID', exit: 3, names: [] });
  });

  it("an identity file that pairs this agent's name with another agent's key", async () => {
    const other = JSON.parse(await readFile(rig.at('sw-state/identity.json'), 'utf8'));
    const { keyId, publicKey, privateKey } = other;
    const args = await forged('mixed', (identity) => ({ ...identity, keyId, publicKey, privateKey }));
    await fails(args, { code: 'QZ_AGENT_IDENTITY_FOREIGN', exit: 9, names: ['mz', 'sw', 'enroll'] });
  });

  it('a revoked agent', async () => {
    await rig.enrol('gone', 'sw', '');
    await rig
      .as('officer')
      .call(personRoutes.revokeAgent, { params: { agent: 'gone' }, body: { reason: 'test' } });
    await fails(['agent', 'start', '--config', 'gone.yaml'], {
      code: 'QZ_PLATFORM_AGENT_REVOKED',
      exit: 4,
      names: ['gone', 'enroll'],
    });
  });

  it('clock skew: the coded error names both clocks', async () => {
    // The machine's clock, for one process: an hour ahead of the platform's.
    const shift = `const D=Date;const by=3600e3;globalThis.Date=class extends D{constructor(...a){a.length?super(...a):super(D.now()+by)}static now(){return D.now()+by}}`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}` };
    const args = ['agent', 'start', '--config', 'sw.yaml'];
    for (const QZ_LANG of ['zh', 'en']) {
      const { code, err } = await rig.qz(args, { env: { ...env, QZ_LANG } });
      expect(code, err).toBe(3);
      expect(err).toContain('QZ_CLIENT_CLOCK_SKEW');
      const [first, second] = [...err.matchAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g)].map(([at]) =>
        Date.parse(`${at}Z`),
      );
      expect(Math.abs(Math.abs(first! - second!) - 3_600_000), err).toBeLessThan(60_000);
      expect(err).toMatch(/NTP/);
    }
  });
});

it('no secret and no row value in any output, log or error', async () => {
  const job = { env: { QZ_CONFIG: 'mz.yaml' } };
  const { answer } = await rig.json(['job', 'list'], job);
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
  const shown = [rig.shown(), ...(await logFiles())].join('\n');
  expect(shown, 'the agent wrote its log').toContain('"level":');
  for (const secret of [...rig.secrets, DATABASE_PASSWORD, SECRET_VALUE])
    expect(shown.includes(secret), secret).toBe(false);
});

/** Every file in the rig's folder that is text for people: logs, pid files, what commands wrote. */
async function logFiles(): Promise<string[]> {
  const entries = await readdir(rig.folder, { recursive: true, withFileTypes: true });
  const logs = entries.filter((entry) => entry.isFile() && /\.(log|txt|pid|jsonl)$/.test(entry.name));
  return Promise.all(logs.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')));
}

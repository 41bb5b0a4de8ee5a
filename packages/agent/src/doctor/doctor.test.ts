import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Exchange, modelErrors } from '@qianzhi/model';
import { describe, expect, it, onTestFinished } from 'vitest';
import { agentErrors } from '../errors.js';
import { identityFile, writeIdentity } from '../identity/identity-file.js';
import { identityAt } from '../testing/identity.js';
import { tempFolder } from '../testing/temp-folder.js';
import { diagnose, exitCodeOf } from './doctor.js';
import { type DoctorFinding, failed, ok, warning } from './finding.js';
import { checkNode, judgeSpace } from './machine.js';
import { notesFor } from './notes.js';
import { judgeLease } from './orders.js';

interface Scene {
  readonly url?: string;
  readonly config?: string;
  readonly identity?: ReturnType<typeof identityAt>;
  prepare?(folder: string, stateDir: string): Promise<void>;
}

/** A config with its state folder; the finding of each check by name. */
async function findingsOf(scene: Scene): Promise<Map<string, DoctorFinding>> {
  const folder = await tempFolder();
  const stateDir = join(folder, 'state');
  const url = scene.url ?? 'http://127.0.0.1:9';
  const file = join(folder, 'agent.yaml');
  await writeFile(file, `platform: { url: "${url}" }\n${scene.config ?? ''}`);
  if (scene.identity) await writeIdentity(stateDir, scene.identity);
  await scene.prepare?.(folder, stateDir);
  const found = new Map<string, DoctorFinding>();
  for await (const finding of diagnose(file, new AbortController().signal)) {
    const known = found.get(finding.check);
    if (!known || known.level === 'ok') found.set(finding.check, finding);
  }
  return found;
}

/** Answers the same to every request; the platform's info unless told otherwise. */
async function serve(answer: { type?: string; body: unknown }): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': answer.type ?? 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const info = (keyId: string, aheadSeconds = 0) => ({
  audience: 'test',
  version: '0.1.0',
  keyId,
  ready: true,
  serverTime: new Date(Date.now() + aheadSeconds * 1000).toISOString(),
});

const codeOf = (found: Map<string, DoctorFinding>, check: string) => {
  const { level, error } = found.get(check) ?? {};
  return `${level} ${error?.code ?? ''}`.trim();
};

describe('the doctor on the machine', () => {
  it('wants a Node.js that can run this', () => {
    expect(checkNode('18.20.0')).toMatchObject({ level: 'failed', error: { code: 'QZ_AGENT_NODE_OLD' } });
    expect(checkNode('20.18.9').level).toBe('failed');
    for (const version of ['20.19.0', '22.0.0', '100.0.0']) expect(checkNode(version).level).toBe('ok');
  });

  it('warns while the outbox could not grow to its limit, and fails when hardly anything fits', () => {
    const gib = 1024 ** 3;
    expect(judgeSpace('/s', 3 * gib, 2 * gib).level).toBe('ok');
    expect(judgeSpace('/s', gib, 2 * gib)).toMatchObject({
      level: 'warning',
      error: { code: 'QZ_AGENT_SPACE_LOW' },
    });
    const out = judgeSpace('/s', gib / 8, 2 * gib);
    expect(out).toMatchObject({ level: 'failed', error: { code: 'QZ_AGENT_SPACE_OUT' } });
    // a smaller outbox would not help any more
    expect(out.error?.hint).not.toContain('outboxBytes');
  });

  it('stops at a config nothing can be read from', async () => {
    const found = await findingsOf({ config: 'nonsense: true\n' });
    expect([...found.keys()]).toEqual(['node', 'config', 'rest']);
    expect(codeOf(found, 'config')).toBe('failed QZ_AGENT_CONFIG_WRONG');
  });

  it('finds a state folder it cannot write', async () => {
    const found = await findingsOf({ prepare: (_, stateDir) => writeFile(stateDir, 'a file') });
    expect(codeOf(found, 'state-dir')).toBe('failed QZ_AGENT_STATE_DIR_UNWRITABLE');
  });

  it.skipIf(process.platform === 'win32')('warns of a state folder open to others', async () => {
    const prepare = async (_: string, stateDir: string) => {
      await mkdir(stateDir);
      await chmod(stateDir, 0o755);
    };
    expect(codeOf(await findingsOf({ prepare }), 'state-dir')).toBe('warning QZ_AGENT_STATE_FILE_OPEN');
  });

  it('finds a connector that does not load and one that does not open', async () => {
    const config = 'connectors: { odd: { type: sqlit }, gone: { type: sqlite, path: ./none } }\n';
    const found = await findingsOf({ config });
    expect(codeOf(found, 'config')).toBe('failed QZ_PLUGIN_UNKNOWN');
    expect(found.get('connector gone')).toMatchObject({ level: 'failed', error: { kind: 'not-found' } });
    expect(found.get('connector odd')).toMatchObject({ level: 'skipped' });
  });

  it('opens no connector whose password was not found: it would be told as wrong', async () => {
    const address = 'host: 127.0.0.1, port: 9, database: d, user: u';
    const found = await findingsOf({
      config: `connectors: { civil: { type: postgres, ${address}, password: "\${env:QZ_TEST_NOT_SET}" } }\n`,
    });
    expect(codeOf(found, 'config')).toBe('failed QZ_AGENT_SECRET_ENV_MISSING');
    expect(codeOf(found, 'connector civil')).toBe('skipped');
  });
});

it('a note on one way of reading is of interest only to who reads so', () => {
  const about = { level: 'warning', zh: '', en: '' } as const;
  const report = { server: '', version: '', notes: [about, { ...about, strategy: 'watermark' }] } as const;
  const exchange = (connector: string, strategy: string) =>
    ({ supply: 'r', connector, strategy }) as Exchange;
  const notesWith = (...exchanges: Exchange[]) =>
    notesFor({ config: { exchanges } } as never, 'civil', report).length;
  expect(notesWith()).toBe(1);
  expect(notesWith(exchange('civil', 'diff'), exchange('other', 'watermark'))).toBe(1);
  expect(notesWith(exchange('civil', 'watermark'))).toBe(2);
});

describe('the doctor on the identity', () => {
  it('finds it missing, broken, foreign to its key, or open to others', async () => {
    const identity = identityAt('http://a');
    expect(codeOf(await findingsOf({}), 'identity')).toBe('failed QZ_AGENT_NOT_ENROLLED');
    const cut = (_: string, stateDir: string) => writeFile(identityFile(stateDir), '{');
    expect(codeOf(await findingsOf({ identity, prepare: cut }), 'identity')).toBe(
      'failed QZ_AGENT_IDENTITY_BROKEN',
    );
    const other = { ...identity, keyId: 'x'.repeat(16) };
    expect(codeOf(await findingsOf({ identity: other }), 'identity')).toBe('failed QZ_AGENT_IDENTITY_BROKEN');
    const open = (_: string, stateDir: string) => chmod(identityFile(stateDir), 0o644);
    const found = await findingsOf({ identity, prepare: open });
    expect(codeOf(found, 'identity')).toBe('failed QZ_AGENT_STATE_FILE_OPEN');
  });
});

describe('the doctor on the platform', () => {
  it('tells a name that does not resolve from a port that is closed', async () => {
    expect(codeOf(await findingsOf({ url: 'http://nowhere.invalid' }), 'dns')).toBe(
      'failed QZ_AGENT_HOST_UNKNOWN',
    );
    const found = await findingsOf({ url: 'http://127.0.0.1:9' });
    expect(codeOf(found, 'connect')).toBe('failed QZ_AGENT_PORT_CLOSED');
    expect(found.get('signature')?.level).toBe('skipped');
  });

  it('knows that what answers is no platform', async () => {
    const page = await serve({ type: 'text/html', body: '<html>gateway</html>' });
    expect(codeOf(await findingsOf({ url: page }), 'api')).toBe('failed QZ_CLIENT_NOT_A_PLATFORM');
    const other = await serve({ body: { hello: 'world' } });
    expect(codeOf(await findingsOf({ url: other }), 'api')).toBe('failed QZ_CLIENT_NOT_A_PLATFORM');
  });

  it("tells the department's own API from the platform's, and names the files of its certificate", async () => {
    const tls = 'tls: { certificate: ./none.crt, key: ./none.key }';
    const config = `api: { port: 1, host: 0.0.0.0, ${tls} }`;
    const found = await findingsOf({ url: await serve({ body: info('key') }), config });
    expect(codeOf(found, 'api')).toBe('ok');
    expect(codeOf(found, 'business-api')).toBe('failed QZ_AGENT_API_CERTIFICATE');
    for (const file of ['./none.crt', './none.key']) expect(found.get('business-api')?.en).toContain(file);
  });

  it.each([
    [0, 'ok'],
    [-30, 'warning QZ_CLIENT_CLOCK_SKEW'],
    [600, 'failed QZ_CLIENT_CLOCK_SKEW'],
  ])('judges a clock %i s off as %s', async (ahead, expected) => {
    const url = await serve({ body: info('k', ahead) });
    expect(codeOf(await findingsOf({ url }), 'clock')).toBe(expected);
  });

  it('finds another platform behind the address, and an answer that is not signed', async () => {
    const url = await serve({ body: info('another-key') });
    const found = await findingsOf({ url, identity: identityAt(url) });
    expect(codeOf(found, 'platform-key')).toBe('failed QZ_AGENT_PLATFORM_KEY_WRONG');
    const identity = identityAt(url);
    const own = await serve({ body: info(identity.platformKeys[0]!.keyId) });
    const unsigned = await findingsOf({ url: own, identity });
    expect(codeOf(unsigned, 'signature')).toBe('failed QZ_CLIENT_RESPONSE_UNTRUSTED');
    expect(codeOf(unsigned, 'assignments')).toBe('warning QZ_AGENT_NO_ASSIGNMENTS');
  });

  it('judges the lease by its end', () => {
    const now = new Date('2026-06-01T00:00:00Z');
    expect(judgeLease('2026-06-01T00:01:00Z', now).level).toBe('ok');
    for (const end of [undefined, '2026-05-31T23:59:59Z']) {
      expect(judgeLease(end, now)).toMatchObject({
        level: 'failed',
        error: { code: 'QZ_AGENT_LEASE_EXPIRED' },
      });
    }
  });
});

it('the exit code is that of the failure that most needs a person; warnings leave it 0', () => {
  const unreachable = failed('a', agentErrors.PORT_CLOSED({ host: 'h', port: 1, reason: 'ECONNREFUSED' }));
  const wrong = failed('b', agentErrors.NOT_ENROLLED({ stateDir: 's' }));
  const broken = failed('c', modelErrors.SIGNATURE_WRONG({ owner: 'o', keyId: 'k' }));
  expect(
    exitCodeOf([
      ok('a', '', ''),
      warning('b', agentErrors.SPACE_LOW({ stateDir: 's', freeMiB: 1, wantedMiB: 2 })),
    ]),
  ).toBe(0);
  expect(exitCodeOf([unreachable])).toBe(7);
  expect(exitCodeOf([unreachable, wrong])).toBe(2);
  expect(exitCodeOf([unreachable, wrong, broken])).toBe(9);
});

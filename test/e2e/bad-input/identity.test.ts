import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '@qianzhi/agent';
import { personRoutes } from '@qianzhi/model';
import { keyIdOf } from '@qianzhi/model/crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRig, PASSWORD, type Rig } from '../rig.js';
import { fails, showsNoSecret } from './refusals.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  await rig.enrol('mz', 'mz', 'connectors: {}\n');
  await rig.enrol('sw', 'sw', 'connectors: {}\n');
});

afterAll(async () => {
  await rig?.close();
});

describe('who one is', () => {
  it('a wrong password, and an act of another role', async () => {
    await writeFile(rig.at('password'), PASSWORD, { mode: 0o600 });
    await writeFile(rig.at('wrong'), `${PASSWORD}-not`, { mode: 0o600 });
    const login = ['login', '--url', rig.url, '--account', 'consumer', '--password-file'];
    await fails(rig, [...login, 'wrong'], {
      code: 'QZ_PLATFORM_SIGN_IN_WRONG',
      exit: 3,
      names: ['qianzhi login'],
    });
    expect((await rig.qz([...login, 'password'])).code).toBe(0);
    await fails(rig, ['agent', 'invite', 'x', '--department', 'sw'], {
      code: 'QZ_PLATFORM_ROLE_MISSING',
      exit: 4,
      names: ['consumer'],
    });
    await fails(rig, ['whoami', '--profile', 'nobody'], {
      code: 'QZ_CLI_NOT_SIGNED_IN',
      exit: 3,
      names: ['qianzhi login'],
    });
  });

  it('a spent token, a cut one, one of another platform', async () => {
    await writeFile(rig.at('again.yaml'), `platform: { url: ${rig.url} }\nstateDir: ./again-state\n`);
    const enroll = ['enroll', '--config', 'again.yaml', '--token-file'];
    await fails(rig, [...enroll, 'mz.token'], {
      code: 'QZ_PLATFORM_TOKEN_SPENT',
      exit: 6,
      names: ['mz', 'enroll'],
    });
    const token = await readFile(rig.at('mz.token'), 'utf8');
    await writeFile(rig.at('cut.token'), token.slice(0, -9), { mode: 0o600 });
    await fails(rig, [...enroll, 'cut.token'], { code: 'QZ_AGENT_TOKEN_MALFORMED', exit: 2, names: ['qz1'] });
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
    await fails(rig, [...enroll, 'other.token'], {
      code: 'QZ_AGENT_PLATFORM_KEY_WRONG',
      exit: 9,
      names: [rig.url],
    });
    expect(await readdir(rig.at('again-state')).catch(() => []), 'nothing was left behind').toEqual([]);
  });

  /** A copy of mz's identity with other keys, in a state folder of its own. */
  async function forged(name: string, change: (identity: Identity) => Identity): Promise<string[]> {
    const identity: Identity = JSON.parse(await readFile(rig.at('mz-state/identity.json'), 'utf8'));
    await mkdir(rig.at(`${name}-state`), { mode: 0o700 });
    const text = JSON.stringify(change(identity));
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
    await fails(rig, args, { code: 'QZ_CLIENT_KEY_UNREGISTERED', exit: 3, names: ['enroll'] });
  });

  it("a request signed by another agent's key under this one's key id", async () => {
    const other = JSON.parse(await readFile(rig.at('sw-state/identity.json'), 'utf8'));
    const args = await forged('thief', (identity) => ({ ...identity, privateKey: other.privateKey }));
    await fails(rig, args, { code: 'QZ_CLIENT_SIGNATURE_INVALID', exit: 3, names: [] });
  });

  it("an identity file that pairs this agent's name with another agent's key", async () => {
    const other = JSON.parse(await readFile(rig.at('sw-state/identity.json'), 'utf8'));
    const { keyId, publicKey, privateKey } = other;
    const args = await forged('mixed', (identity) => ({ ...identity, keyId, publicKey, privateKey }));
    await fails(rig, args, { code: 'QZ_AGENT_IDENTITY_FOREIGN', exit: 9, names: ['mz', 'sw', 'enroll'] });
  });

  it('a revoked agent', async () => {
    await rig.enrol('gone', 'sw', '');
    await rig
      .as('officer')
      .call(personRoutes.revokeAgent, { params: { agent: 'gone' }, body: { reason: 'test' } });
    await fails(rig, ['agent', 'start', '--config', 'gone.yaml'], {
      code: 'QZ_PLATFORM_AGENT_REVOKED',
      exit: 4,
      names: ['gone', 'enroll'],
    });
  });

  it('a wrong clock: the agent runs, says which of the two is ahead and by how much, and what to do', async () => {
    // The machine's clock, for one process: an hour ahead of the platform's.
    const shift = `const D=Date;const by=3600e3;globalThis.Date=class extends D{constructor(...a){a.length?super(...a):super(D.now()+by)}static now(){return D.now()+by}}`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}` };
    const said = {
      zh: /前置机时钟\((\S+)\)比平台时钟\((\S+)\)快 3[56]\d\d 秒/,
      en: /\((\S+)\) is 3[56]\d\d s ahead of the platform's \((\S+)\)/,
    };
    for (const language of ['zh', 'en'] as const) {
      const { process: started } = await rig.startAgent('sw', { ...env, QZ_LANG: language });
      const { err } = started.output;
      expect(err).toContain('QZ_CLIENT_CLOCK_SKEW');
      const [, agentTime, platformTime] = said[language].exec(err)!;
      expect(Math.abs(Date.parse(agentTime!) - Date.parse(platformTime!) - 3_600_000)).toBeLessThan(60_000);
      const status = await rig.qz(['agent', 'status', '--config', 'sw.yaml'], { env: { QZ_LANG: language } });
      expect(status.out).toMatch(/NTP/);
      expect((await rig.stopAgent('sw')).code).toBe(0);
    }
  });
});

it('no secret in any output', () => showsNoSecret(rig));

/** For tests: a real platform on a free loopback port with a folder of its own, and people and agents who call it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type PlatformClient } from '@qianzhi/client';
import {
  agentRoutes,
  type CatalogResource,
  type EnrolmentToken,
  type KeyRecord,
  personRoutes,
  type Role,
} from '@qianzhi/model';
import { canonicalBytes, intlSuite, keyIdOf, type SigningKey } from '@qianzhi/model/crypto';
import { dropTestDatabase, testDatabase } from '../database/test-database.js';
import type { PlatformConfigInput } from './config.js';
import { type RunningPlatform, startPlatform } from './start-platform.js';

export const PASSWORD = 'correct horse battery';

export interface TestPlatform extends RunningPlatform {
  readonly dataDir: string;
  /** Lines of the log so far. */
  readonly log: readonly string[];
  /** Moves the platform's clock. */
  advance(ms: number): void;
  now(): Date;
  anonymous(): PlatformClient;
  withToken(token: string): PlatformClient;
  /** Stops and removes the folder. */
  remove(): Promise<void>;
}

export async function startTestPlatform(more: Partial<PlatformConfigInput> = {}): Promise<TestPlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
  const log: string[] = [];
  let offset = 0;
  const now = () => new Date(Date.now() + offset);
  const config = { dataDir, database: testDatabase(dataDir), port: 0, audience: 'test', ...more };
  const logTo = { write: (line: string) => void log.push(line) };
  const removeData = async () => {
    await dropTestDatabase(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  };
  const running = await startPlatform(config, { now, logTo, housekeepingMs: 200 }).catch(async (error) => {
    await removeData();
    throw error;
  });
  const clients: PlatformClient[] = [];
  const client = (identity: Parameters<typeof createClient>[0]['identity']) => {
    const made = createClient({ url: running.url, identity });
    clients.push(made);
    return made;
  };
  return {
    ...running,
    dataDir,
    log,
    now,
    advance: (ms) => {
      offset += ms;
    },
    anonymous: () => client({ kind: 'anonymous' }),
    withToken: (token) => client({ kind: 'person', token }),
    async remove() {
      for (const open of clients) await open.close();
      await running.stop();
      await removeData();
    },
  };
}

export async function signIn(
  platform: TestPlatform,
  account: string,
  password = PASSWORD,
): Promise<PlatformClient> {
  const { token } = await platform.anonymous().call(personRoutes.signIn, { body: { account, password } });
  return platform.withToken(token);
}

/** Makes the security officer with the first-start code and signs in. */
export async function firstOfficer(platform: TestPlatform): Promise<PlatformClient> {
  const body = {
    code: platform.firstStartCode ?? '',
    account: 'officer',
    name: '保密员',
    password: PASSWORD,
  };
  await platform.anonymous().call(personRoutes.setup, { body });
  return signIn(platform, 'officer');
}

export interface Town {
  readonly officer: PlatformClient;
  /** Signs in an account of the department with the roles, made when first asked for. */
  person(department: string | null, ...roles: Role[]): Promise<PlatformClient>;
}

/** Four departments: 民政 provides, 税务 consumes, 公安 is police, 政数 is competent. */
export async function settle(platform: TestPlatform): Promise<Town> {
  const officer = await firstOfficer(platform);
  const departments = [
    { id: 'mz', name: '民政局', police: false, competent: false },
    { id: 'sw', name: '税务局', police: false, competent: false },
    { id: 'ga', name: '公安局', police: true, competent: false },
    { id: 'zs', name: '政数局', police: false, competent: true },
  ];
  for (const body of departments) {
    await officer.call(personRoutes.putDepartment, { params: { id: body.id }, body });
  }
  const people = new Map<string, PlatformClient>();
  return {
    officer,
    async person(department, ...roles) {
      const account = [department ?? 'all', ...roles].join('-').slice(0, 50);
      const known = people.get(account);
      if (known) return known;
      const body = { account, name: account, department, roles, password: PASSWORD };
      await officer.call(personRoutes.createAccount, { body });
      const client = await signIn(platform, account);
      people.set(account, client);
      return client;
    },
  };
}

export interface TestAgent {
  readonly agent: string;
  readonly key: SigningKey;
  readonly publicKey: string;
  readonly client: PlatformClient;
  readonly platformKeys: readonly KeyRecord[];
  fence: number | undefined;
}

export function newKey(): { key: SigningKey; publicKey: string } {
  const pair = intlSuite.generateKeyPair();
  const key = { keyId: keyIdOf(pair.publicKey), suite: intlSuite, privateKey: pair.privateKey };
  return { key, publicKey: pair.publicKey };
}

export function readToken(token: string): EnrolmentToken {
  return JSON.parse(Buffer.from(token.slice('qz1.'.length), 'base64url').toString()) as EnrolmentToken;
}

/** The body that redeems a token, with a proof by the key. */
export function redeemBody(token: string, { key, publicKey } = newKey()) {
  const { id, secret, agent } = readToken(token);
  const statement = { token: intlSuite.digest(Buffer.from(secret)), publicKey, agent };
  const proof = intlSuite.sign(key.privateKey, canonicalBytes(statement));
  return { tokenId: id, secret, suite: 'intl', publicKey, proof };
}

export function agentClient(
  platform: Pick<TestPlatform, 'url' | 'now'>,
  key: SigningKey,
  platformKeys: readonly KeyRecord[],
  fence: () => number | undefined,
): PlatformClient {
  const identity = { kind: 'agent', key, audience: 'test', platformKeys: () => platformKeys, fence } as const;
  return createClient({ url: platform.url, identity, now: platform.now });
}

/** Invites, enrols and claims the instance. */
export async function enrolAgent(
  platform: TestPlatform,
  officer: PlatformClient,
  agent: string,
  department: string,
): Promise<TestAgent> {
  const invited = await officer.call(personRoutes.invite, { body: { agent, department, minutes: 30 } });
  const { key, publicKey } = newKey();
  const body = redeemBody(invited.token, { key, publicKey });
  const { keys } = await platform.anonymous().call(agentRoutes.enrol, { body });
  const made: TestAgent = {
    agent,
    key,
    publicKey,
    platformKeys: keys,
    fence: undefined,
    client: agentClient(platform, key, keys, () => made.fence),
  };
  const claim = { instance: 'test', version: '0' };
  made.fence = (await made.client.call(agentRoutes.claimInstance, { body: claim })).fence;
  return made;
}

/** Organisations with two open items, two conditional ones and one that is not shared. */
export function socialGroup(change: Partial<CatalogResource> = {}): CatalogResource {
  return {
    code: 'social_group',
    name: '社会团体登记信息',
    summary: '',
    department: 'mz',
    attribute: 'department',
    subject: 'organisation',
    sharing: 'unconditional',
    sharingCondition: '用于行政审批核验',
    openness: 'closed',
    updateCycle: 'daily',
    schemaVersion: 1,
    items: [
      {
        name: '统一社会信用代码',
        column: 'uscc',
        type: 'C',
        length: 18,
        key: true,
        basic: true,
        identifier: 'organisation',
        schemes: ['uscc'],
      },
      { name: '名称', column: 'name', type: 'C', length: 100, basic: true },
      { name: '法定代表人', column: 'legal_person', type: 'C', length: 50, sharing: 'conditional' },
      { name: '联系电话', column: 'phone', type: 'C', length: 20, sharing: 'conditional' },
      { name: '内部备注', column: 'remark', type: 'C', length: 200, sharing: 'none' },
    ],
    ...change,
  };
}

/** Publishes the resource for its department and lets it pass the secrecy review. */
export async function publish(town: Town, resource: CatalogResource = socialGroup()): Promise<void> {
  const editor = await town.person(resource.department, 'catalog-editor');
  const params = { code: resource.code };
  await editor.call(personRoutes.publishCatalog, { params, body: resource });
  await town.officer.call(personRoutes.reviewSecrecy, { params, body: { result: 'passed', note: '' } });
}

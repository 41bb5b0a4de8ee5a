import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type PlatformClient } from '@qianzhi/client';
import {
  type Agreement,
  type CatalogResource,
  type MaskRule,
  type Mode,
  personRoutes,
  type Reconciliation,
  type Role,
} from '@qianzhi/model';
import { type PlatformConfigInput, type RunningPlatform, startPlatform } from '@qianzhi/platform';
import { enrol } from '../../packages/agent/src/identity/enrol.js';
import { type AgentParts, createSiteAgent, type SiteAgent } from './site-agent.js';

export const PASSWORD = 'correct horse battery';

export interface Subscription {
  readonly items?: readonly string[];
  readonly masks?: Readonly<Record<string, MaskRule>>;
  readonly modes?: readonly Mode[];
  readonly rows?: string;
}

/** A platform over HTTP with the departments 民政 mz (provides), 税务 sw and 人社 rs, their people and agents. */
export interface Site {
  readonly folder: string;
  readonly url: string;
  readonly dataDir: string;
  readonly officer: PlatformClient;
  at(file: string): string;
  /** Stops the platform; starts it again over the folder as it then is, on the same port. */
  stopPlatform(): Promise<void>;
  startPlatform(): Promise<void>;
  /** The officer's session is new: a restored platform knows none. */
  signInAgain(): Promise<void>;
  /** Signs in an account of the department with the roles, made when first asked for. */
  person(department: string | null, ...roles: Role[]): Promise<PlatformClient>;
  /** Publishes a version of a resource of mz and lets it pass the secrecy review. */
  publish(resource: CatalogResource, result?: 'passed' | 'failed'): Promise<void>;
  supply(resource: string, agent: string): Promise<void>;
  /** Applies for the department and approves where a person must. */
  subscribe(department: string, resource: string, wanted?: Subscription): Promise<Agreement>;
  revoke(agreement: string): Promise<void>;
  /** Invites, enrols and configures an agent; it is not started. */
  enrol(name: string, department: string, parts: AgentParts): Promise<SiteAgent>;
  /** Enrols the same name again, its state folder gone. */
  invite(name: string, department: string): Promise<string>;
  reconciliation(resource?: string): Promise<Reconciliation[]>;
  close(): Promise<void>;
}

/** `more`: of the platform’s config, by the site’s folder. */
export async function createSite(
  more: (folder: string) => Partial<PlatformConfigInput> = () => ({}),
): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-site-'));
  const dataDir = join(folder, 'platform');
  const clients: PlatformClient[] = [];
  const agents: SiteAgent[] = [];
  const people = new Map<string, PlatformClient>();
  let platform!: RunningPlatform;
  let port = 0;

  async function start(): Promise<void> {
    // a renewal of the lease comes with every third of it
    const config = { dataDir, port, audience: 'site', leaseSeconds: 5, logLevel: 'silent' as const };
    platform = await startPlatform({ ...config, ...more(folder) });
    port = Number(new URL(platform.url).port);
  }

  function client(identity: Parameters<typeof createClient>[0]['identity']): PlatformClient {
    const made = createClient({ url: platform.url, identity });
    clients.push(made);
    return made;
  }

  async function signIn(account: string): Promise<PlatformClient> {
    const anonymous = client({ kind: 'anonymous' });
    const { token } = await anonymous.call(personRoutes.signIn, { body: { account, password: PASSWORD } });
    return client({ kind: 'person', token });
  }

  async function setUp(): Promise<void> {
    const body = { code: platform.firstStartCode!, account: 'officer', name: '保密员', password: PASSWORD };
    await client({ kind: 'anonymous' }).call(personRoutes.setup, { body });
    people.set('officer', await signIn('officer'));
    for (const [id, name] of [
      ['mz', '民政局'],
      ['sw', '税务局'],
      ['rs', '人社局'],
    ] as const) {
      const department = { id, name, police: false, competent: false };
      await site.officer.call(personRoutes.putDepartment, { params: { id }, body: department });
    }
  }

  const site: Site = {
    folder,
    dataDir,
    get url() {
      return platform.url;
    },
    get officer() {
      return people.get('officer')!;
    },
    at: (file) => join(folder, file),
    stopPlatform: () => platform.stop(),
    startPlatform: start,
    async signInAgain() {
      people.clear();
      people.set('officer', await signIn('officer'));
    },
    async person(department, ...roles) {
      const account = [department ?? 'all', ...roles].join('-').slice(0, 50);
      const known = people.get(account);
      if (known) return known;
      const body = { account, name: account, department, roles, password: PASSWORD };
      await site.officer.call(personRoutes.createAccount, { body });
      const made = await signIn(account);
      people.set(account, made);
      return made;
    },
    async publish(resource, result = 'passed') {
      const editor = await site.person(resource.department, 'catalog-editor');
      const params = { code: resource.code };
      await editor.call(personRoutes.publishCatalog, { params, body: resource });
      await site.officer.call(personRoutes.reviewSecrecy, { params, body: { result, note: '' } });
    },
    async supply(code, agent) {
      const editor = await site.person('mz', 'catalog-editor');
      await editor.call(personRoutes.assignSupply, { params: { code }, body: { agent } });
    },
    async subscribe(department, resource, wanted = {}) {
      const { items = [], masks = {}, modes = ['docking'], rows } = wanted;
      const consumer = await site.person(department, 'consumer');
      const purpose = { usage: 'work-reference' as const, matter: '税源管理', legalBasis: '税收征收管理法' };
      const body = {
        resource,
        items: [...items],
        masks,
        purpose,
        modes: [...modes],
        ...(rows !== undefined && { rows }),
      };
      const applied = await consumer.call(personRoutes.apply, { body });
      if (applied.state === 'granted') return applied;
      const approver = await site.person('mz', 'approver');
      return approver.call(personRoutes.approve, { params: { id: applied.id }, body: {} });
    },
    async revoke(id) {
      await site.officer.call(personRoutes.revoke, { params: { id }, body: { reason: '测试' } });
    },
    async invite(agent, department) {
      const body = { agent, department, minutes: 10 };
      return (await site.officer.call(personRoutes.invite, { body })).token;
    },
    async enrol(name, department, parts) {
      const agent = createSiteAgent({ name, folder, url: () => site.url });
      const token = await site.invite(name, department);
      await enrol({ stateDir: agent.stateDir, token, url: site.url });
      await agent.configure(parts);
      agents.push(agent);
      return agent;
    },
    async reconciliation(resource) {
      const auditor = await site.person(null, 'auditor');
      const query = resource === undefined ? {} : { resource };
      return (await auditor.call(personRoutes.reconciliation, { query })).reconciliations;
    },
    async close() {
      for (const agent of agents) await agent.kill();
      for (const one of clients) await one.close();
      await platform.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await mkdir(folder, { recursive: true });
  await start();
  await setUp();
  return site;
}

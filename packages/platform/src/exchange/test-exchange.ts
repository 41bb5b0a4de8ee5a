/** For tests: the exchange over a real database and real files, with agents that sign, and rules a test can change. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogResource, Grant, Signed, SupplyDuty } from '@qianzhi/model';
import { intlSuite, keyIdOf, type SigningKey, signDocument } from '@qianzhi/model/crypto';
import { pino } from 'pino';
import { agreementErrors } from '../agreement/errors.js';
import { createAuditLog } from '../audit/audit-log.js';
import { auditMigrations } from '../audit/schema.js';
import { createDatabaseHealth } from '../database/health.js';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { dropTestDatabase, testDatabase } from '../database/test-database.js';
import { departmentMigrations } from '../department/schema.js';
import { downloadMigrations } from '../download/schema.js';
import { createKeyDirectory } from '../identity/key-directory.js';
import { identityMigrations } from '../identity/schema.js';
import type { ExchangePorts, GrantChange, UsageService } from '../ports.js';
import { type Admission, admissionOf } from '../server/admission.js';
import type { AgentCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { stateMigrations } from '../state/schema.js';
import { usageMigrations } from '../usage/schema.js';
import { createUsage } from '../usage/usage.js';
import { type Exchange, type ExchangeOptions, openExchange } from './exchange.js';
import { exchangeMigrations } from './schema.js';

/** What an agent of a test has. */
export interface Signer {
  readonly key: SigningKey;
  readonly caller: AgentCaller;
}

export interface Rig {
  readonly exchange: Exchange;
  readonly context: PlatformContext;
  readonly ports: ExchangePorts & { readonly usage: UsageService };
  readonly folder: string;
  /** Supplies `village` for department mz. */
  readonly provider: Signer;
  /** Of department sw. */
  readonly consumer: Signer;
  addAgent(agent: string, department: string): Promise<Signer>;
  giveDuty(resource: string, agent: string): Signed<SupplyDuty>;
  endDuty(resource: string, agent: string): void;
  publish(resource: CatalogResource): void;
  /** A new grant version of the agreement, in force; replaces the one before. */
  grant(agreement: string, change?: Partial<Grant>): Signed<Grant>;
  /** From now on connections under the agreement come from these addresses alone. */
  admit(agreement: string, addresses: readonly string[]): void;
  revoke(agreement: string): void;
  advanceDays(days: number): void;
  audited(): Promise<{ action: string; outcome: string; code: string | undefined }[]>;
  /** Closes and opens the exchange again over the same folder. */
  restart(options?: ExchangeOptions): Promise<void>;
  close(): Promise<void>;
}

const quiet: ExchangeOptions = { orderWaitMs: 300, retentionEveryMs: 0 };

export function village(schemaVersion = 1): CatalogResource {
  const added = schemaVersion > 1 ? [{ name: '备注', column: 'note', type: 'C' as const, length: 50 }] : [];
  return {
    code: 'village',
    name: '村级区划',
    summary: '',
    department: 'mz',
    attribute: 'basic',
    subject: 'place',
    sharing: 'unconditional',
    openness: 'closed',
    updateCycle: 'daily',
    schemaVersion,
    items: [
      { name: '代码', column: 'code', type: 'C', length: 12, key: true },
      { name: '名称', column: 'name', type: 'C', length: 50 },
      { name: '电话', column: 'phone', type: 'C', length: 20 },
      ...added,
    ],
  };
}

export async function createRig(options: ExchangeOptions = {}): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'qz-exchange-'));
  const db = await openDatabase(folder, testDatabase(folder));
  await migrate(db, [
    ...auditMigrations,
    ...departmentMigrations,
    ...identityMigrations,
    ...exchangeMigrations,
    ...usageMigrations,
    ...stateMigrations,
    ...downloadMigrations,
  ]);
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const pair = newPair();
  const keys = createKeyDirectory(db);
  const context: PlatformContext = {
    db,
    health: createDatabaseHealth(),
    dataDir: folder,
    now,
    log: pino({ level: 'silent' }),
    signingKey: pair.key,
    audience: 'test',
    keys,
    audit: createAuditLog(db, now),
    stopping: new AbortController().signal,
  };
  await keys.append(recordOf(pair.key, pair.publicKey, 'platform'));
  const rules = createRules(context);

  async function addAgent(agent: string, department: string): Promise<Signer> {
    await db('departments')
      .insert({ id: department, name: department, police: 0, competent: 0 })
      .onConflict('id')
      .ignore();
    const { key, publicKey } = newPair();
    const record = recordOf(key, publicKey, agent, department);
    await keys.append(record);
    return { key, caller: { kind: 'agent', agent, department, key: record } };
  }

  let exchange = await openExchange(context, rules.ports, { ...quiet, ...options });
  const provider = await addAgent('mz-1', 'mz');
  const consumer = await addAgent('sw-1', 'sw');
  rules.publish(village());
  rules.giveDuty('village', 'mz-1');
  return {
    get exchange() {
      return exchange;
    },
    context,
    folder,
    provider,
    consumer,
    addAgent,
    ...rules,
    advanceDays: (days) => {
      ahead += days * 86_400_000;
    },
    async audited() {
      const rows = await db('audit').orderBy('seq').select('action', 'outcome', 'details');
      return rows.map(({ action, outcome, details }) => ({
        action,
        outcome,
        code: JSON.parse(details).code,
      }));
    },
    async restart(again = {}) {
      await exchange.close();
      exchange = await openExchange(context, rules.ports, { ...quiet, ...options, ...again });
    },
    async close() {
      await exchange.close();
      await db.destroy();
      await dropTestDatabase(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Catalog, duties and agreements held in memory. */
function createRules(context: PlatformContext) {
  const { signingKey, now } = context;
  const resources: CatalogResource[] = [];
  const duties = new Map<string, Signed<SupplyDuty>>();
  const given: Signed<SupplyDuty>[] = [];
  const grants: Signed<Grant>[] = [];
  const live = new Map<string, Signed<Grant>>();
  const admissions = new Map<string, Admission>();
  const listeners = new Set<(change: GrantChange) => void>();
  const tell = ({ body }: Signed<Grant>, change: GrantChange['change']) => {
    const { agreement, grantVersion, resource, consumer } = body;
    for (const listener of listeners) listener({ agreement, grantVersion, resource, consumer, change });
  };
  const isLive = (grant: Signed<Grant> | undefined, at: Date) =>
    grant !== undefined && live.get(grant.body.agreement) === grant && grant.body.validTo > at.toISOString();
  const versionsOf = (code: string) => resources.filter((resource) => resource.code === code);
  const grantOf = (agreement: string, version: number) =>
    grants.find(({ body }) => body.agreement === agreement && body.grantVersion === version);

  const ports = {
    catalog: {
      resource: async (code, version) => versionsOf(code).find((r) => r.schemaVersion === version),
      current: async (code) => versionsOf(code).at(-1),
      versions: async (code) => versionsOf(code),
      provider: async (code) => versionsOf(code).at(-1)?.department,
    },
    duties: {
      duty: async (resource, agent) => duties.get(`${resource} ${agent}`),
      everyDuty: async (resource, agent) =>
        given.filter(({ body }) => body.resource === resource && body.agent === agent),
      dutiesOf: async (agent) => [...duties.values()].filter(({ body }) => body.agent === agent),
    },
    agreements: {
      liveGrants: async (resource) => [...live.values()].filter(({ body }) => body.resource === resource),
      grantsOf: async (department, resource) =>
        [...live.values()].filter(
          (grant) =>
            grant.body.consumer === department &&
            (resource === undefined || grant.body.resource === resource) &&
            isLive(grant, now()),
        ),
      grant: async (agreement, version) => grantOf(agreement, version),
      isLive: async (agreement, version, at) => isLive(grantOf(agreement, version), at),
      async requireAddress({ agreement, resource }, address) {
        if (admissions.get(agreement)?.(address) === false)
          throw agreementErrors.ADDRESS_NOT_ALLOWED({ agreement, resource, address });
      },
      onGrantChanged(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    usage: createUsage(context),
  } satisfies ExchangePorts;

  return {
    ports,
    publish: (resource: CatalogResource) => void resources.push(resource),
    giveDuty(resource: string, agent: string) {
      const at = now().toISOString();
      const body: SupplyDuty = {
        type: 'supply-duty',
        id: `${resource}-${given.length}`,
        resource,
        department: 'mz',
        agent,
        secrecyReview: 'review-1',
        validFrom: at,
        issuedAt: at,
      };
      const duty = signDocument(body, signingKey);
      duties.set(`${resource} ${agent}`, duty);
      given.push(duty);
      return duty;
    },
    endDuty: (resource: string, agent: string) => void duties.delete(`${resource} ${agent}`),
    grant(agreement: string, change: Partial<Grant> = {}) {
      const before = live.get(agreement);
      const at = now();
      const body: Grant = {
        type: 'grant',
        agreement,
        grantVersion: (before?.body.grantVersion ?? 0) + 1,
        resource: 'village',
        provider: 'mz',
        consumer: 'sw',
        items: ['code', 'name', 'phone'],
        masks: {},
        purpose: { usage: 'data-check', matter: '核对区划', legalBasis: '' },
        modes: ['docking'],
        validFrom: at.toISOString(),
        validTo: new Date(at.getTime() + 400 * 86_400_000).toISOString(),
        approvedBy: 'rule:unconditional',
        issuedAt: at.toISOString(),
        ...change,
      };
      const grant = signDocument(body, signingKey);
      grants.push(grant);
      live.set(agreement, grant);
      if (before) tell(before, 'replaced');
      tell(grant, 'granted');
      return grant;
    },
    admit: (agreement: string, addresses: readonly string[]) =>
      void admissions.set(agreement, admissionOf(addresses)),
    revoke(agreement: string) {
      const grant = live.get(agreement)!;
      live.delete(agreement);
      tell(grant, 'revoked');
    },
  };
}

export function newPair(): { key: SigningKey; publicKey: string } {
  const pair = intlSuite.generateKeyPair();
  const key = { keyId: keyIdOf(pair.publicKey), suite: intlSuite, privateKey: pair.privateKey };
  return { key, publicKey: pair.publicKey };
}

function recordOf({ keyId }: SigningKey, publicKey: string, owner: string, department?: string) {
  const validFrom = new Date(Date.now() - 86_400_000).toISOString();
  return { keyId, owner, ...(department ? { department } : {}), suite: 'intl', publicKey, validFrom };
}

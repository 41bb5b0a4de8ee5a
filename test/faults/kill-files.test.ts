import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { PlatformClient } from '@qianzhi/client';
import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually } from '../e2e/program.js';
import { createRig, PASSWORD, type Rig } from '../e2e/rig.js';
import { licences } from '../integration/documents.js';
import { signInAuditor } from './chain.js';
import { expectEvidence } from './evidence.js';
import { rowsOfPlatform } from './platform-rows.js';
import { long, throwDice } from './seed.js';

/** SIGKILL of the platform while whole small files pass through it, several in a batch. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const FILES = 16;
/** So large that a batch takes some nine of them, and is a file of its own at the platform. */
const FILE_BYTES = 600_000;
const dice = throwDice('kill-files');
const all = [
  'intake:before-store',
  'intake:bytes-stored',
  'intake:recorded',
  'delivery:recorded',
  'acknowledge:recorded',
];
const points = long ? all : [dice.pick(all.slice(0, 3)), dice.pick(all.slice(3))];

const platformEnv: Record<string, string> = {};
const put = new Map<string, string>();
let rig: Rig;
let auditor: PlatformClient;

beforeAll(async () => {
  rig = await createRig(platformEnv);
  const account = { account: 'auditor', name: 'auditor', department: null, password: PASSWORD };
  await rig.as('officer').call(personRoutes.createAccount, { body: { ...account, roles: ['auditor'] } });
  auditor = await signInAuditor(rig);
  for (const folder of ['outgoing', 'received']) mkdirSync(rig.at(folder));
  await rig.enrol(
    'mz',
    'mz',
    `connectors: { folder: { type: files, path: ./outgoing } }
exchanges:
  - { name: out, supply: licences, connector: folder, strategy: files, source: { pattern: '*.jpg', done: move, complete: { quietSeconds: 0 } } }
`,
  );
  await rig.enrol(
    'sw',
    'sw',
    `connectors: { folder: { type: files, path: ./received } }
exchanges:
  - { name: in, consume: licences, connector: folder, target: { name: licences } }
`,
  );
  await rig.publish(licences, 'mz');
  await rig.subscribe('licences');
});
afterAll(async () => {
  await auditor?.close();
  await rig?.close();
});

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function putFiles(round: number): void {
  for (let n = 0; n < FILES; n++) {
    const name = `${round}-${String(n).padStart(2, '0')}.jpg`;
    const bytes = randomBytes(FILE_BYTES);
    writeFileSync(rig.at('unfinished'), bytes);
    renameSync(rig.at('unfinished'), join(rig.at('outgoing'), name));
    put.set(name, digestOf(bytes));
  }
}

function received(): Map<string, string> {
  const folder = rig.at('received');
  const names = readdirSync(folder).filter((name) => name.endsWith('.jpg'));
  return new Map(names.toSorted().map((name) => [name, digestOf(readFileSync(join(folder, name)))]));
}

async function exchange(): Promise<void> {
  for (const [agent, name] of [
    ['mz', 'out'],
    ['sw', 'in'],
  ] as const) {
    await eventually(`${name} to be done`, 90_000, async () => {
      const job = await rig.run(agent, name);
      return job.state === 'done' || undefined;
    });
  }
}

async function restartPlatform(point?: string): Promise<void> {
  delete platformEnv.QZ_FAILPOINT;
  if (point) platformEnv.QZ_FAILPOINT = point;
  await rig.startPlatform(Number(new URL(rig.url).port));
}

async function expectAllThere(): Promise<void> {
  expect(received()).toEqual(put);
  const rows = await rowsOfPlatform<{ manifest: string }>(
    'SELECT manifest FROM batches',
    rig.at('platform/platform.sqlite'),
  );
  const manifests = rows.map(({ manifest }) => JSON.parse(manifest).body);
  expect(manifests.reduce((sum, { rows }) => sum + rows, 0)).toBe(put.size);
  expect(manifests.filter(({ wholeFiles }) => wholeFiles).length).toBeGreaterThan(0);
  const proven = {
    auditor,
    at: rig.at,
    json: rig.json,
    platformRows: <T>(text: string) => rowsOfPlatform<T>(text, rig.at('platform/platform.sqlite')),
  };
  const receipts = await expectEvidence(proven, ['mz', 'sw']);
  const sum = (stage: string) =>
    receipts.filter(({ body }) => body.stage === stage).reduce((total, { body }) => total + body.rows, 0);
  expect([sum('stored'), sum('applied')]).toEqual([put.size, put.size]);
}

describe('SIGKILL of the platform while files pass', () => {
  it.each([...points.entries()])('%i: at %s', async (round, point) => {
    putFiles(round);
    await rig.platform.stop();
    await restartPlatform(point);
    for (const agent of ['mz', 'sw']) await rig.startAgent(agent);
    const killed = rig.platform.ended.then(async (ended) => {
      expect(ended).toMatchObject({ signal: 'SIGKILL' });
      await restartPlatform();
    });
    await Promise.all([exchange(), killed]);
    await exchange();
    await expectAllThere();
    for (const agent of ['mz', 'sw']) await rig.stopAgent(agent);
  });

  it('at any time', async () => {
    putFiles(points.length);
    for (const agent of ['mz', 'sw']) await rig.startAgent(agent);
    const killed = pause(dice.below(1_500)).then(async () => {
      await rig.platform.stop('SIGKILL');
      await restartPlatform();
    });
    await Promise.all([exchange(), killed]);
    await exchange();
    await expectAllThere();
  });
});

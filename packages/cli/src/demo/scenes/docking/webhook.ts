import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAgent, controlRoutes } from '@qianzhi/agent';
import { personRoutes } from '@qianzhi/model';
import Database from 'better-sqlite3';
import { parseDocument } from 'yaml';
import { startDemoAgent } from '../../agents.js';
import { type Stage, withStage } from '../../stage.js';
import { check, type Scene, type SceneCheck, type SceneOptions, sceneResult } from '../scene.js';
import { type BusinessSystem, openBusinessSystem } from './receiver.js';

const secret = 'the demo and its business system share this';

/** Changes of received records on their way to a business system. */
export const webhookScene: Scene = {
  tampers: ['letter'],
  async play(options, signal) {
    const startedAt = Date.now();
    const checks = await withStage(
      options,
      async () => undefined,
      (stage) => webhookChecks(stage, options, signal),
      signal,
    );
    return sceneResult('webhook', checks, startedAt);
  },
};

/** On a stage whose agents are not started; starts both. */
export async function webhookChecks(
  stage: Stage,
  { tamper, tell }: Pick<SceneOptions, 'tamper' | 'tell'>,
  signal: AbortSignal,
): Promise<SceneCheck[]> {
  const system = await openBusinessSystem(secret);
  try {
    return await play(stage, system, { tamper, tell }, signal);
  } finally {
    await system.close();
  }
}

async function play(
  { folder, databases, governance, processes }: Stage,
  system: BusinessSystem,
  { tamper, tell }: Pick<SceneOptions, 'tamper' | 'tell'>,
  signal: AbortSignal,
): Promise<SceneCheck[]> {
  const { xzqh } = databases.mz;
  const until = (what: string, is: () => Promise<boolean>) =>
    processes.until('sw-agent', what, async () => (await is()) || undefined, signal);
  const rowsOf = async () => {
    const found = new Map<string, string>();
    const sql = 'SELECT code, name, "cityCode" AS city_code, "provinceCode" AS province_code FROM area';
    for await (const rows of xzqh.rows(sql)) for (const row of rows) found.set(row.code!, textOf(row));
    return found;
  };
  const heldEqual = async () => {
    const source = await rowsOf();
    const equal = [...system.held].filter(([code, values]) => source.get(code) === textOf(values)).length;
    return { source: source.size, held: system.held.size, equal };
  };
  const isEqual = async () => {
    const { source, held, equal } = await heldEqual();
    return source === held && held === equal;
  };

  tell(
    '税务局的业务系统只接收变化,不建表',
    'a business system of taxation takes changes, and has no table for them',
  );
  await sendInto(join(folder, 'sw-agent.yaml'), system.url);
  const purpose = {
    usage: 'administrative-basis' as const,
    matter: '税源管理',
    legalBasis: '税收征收管理法',
  };
  const body = { resource: 'xzqh_area', items: [], masks: {}, purpose, modes: ['docking' as const] };
  const agreement = await governance.as('swAdmin').call(personRoutes.apply, { body }, signal);
  system.answers.push(500, 503);
  const mz = await startDemoAgent(processes, 'mz-agent', 'mz-agent.yaml', join(folder, 'mz-state'), signal);
  const sw = await startDemoAgent(processes, 'sw-agent', 'sw-agent.yaml', join(folder, 'sw-state'), signal);
  await mz.run('supply-area', signal);
  await until('all divisions at the business system', isEqual);
  const first = system.ids.slice(0, 3);
  const before = await heldEqual();
  const checks = [
    check('every-record-arrives', before.source, before.equal),
    check('refused-twice-same-id', 1, new Set(first).size),
  ];

  tell('改名一个、删除一个区划', 'one division is renamed, one goes');
  const [renamed, gone] = [...(await rowsOf()).keys()].sort().slice(-2);
  await xzqh.run(`UPDATE area SET name = '新名' WHERE code = '${renamed}'`);
  await xzqh.run(`DELETE FROM area WHERE code = '${gone}'`);
  const letters = system.ids.length;
  await mz.run('supply-area', signal);
  await until('the changes at the business system', isEqual);
  if (tamper === 'letter') system.held.set(renamed!, { ...system.held.get(renamed!), name: '改过的' });
  const after = await heldEqual();
  checks.push(
    check('changes-arrive', after.source, after.equal),
    check('nothing-but-the-changes', 1, system.ids.length - letters),
    check('nothing-twice', 0, system.repeated),
    check('every-letter-signed', 0, system.forged),
  );

  tell(
    '撤销协议:待送的收回,收件箱清除',
    'the agreement is revoked: what waits is taken back, the inbox erased',
  );
  system.answers.push(...Array.from({ length: 100 }, () => 503));
  await xzqh.run(`UPDATE area SET name = '撤销后' WHERE code = '${renamed}'`);
  const known = system.ids.length;
  await mz.run('supply-area', signal);
  await until('a letter waits', async () => system.ids.length > known);
  const input = { params: { id: agreement.id }, body: { reason: '演示' } };
  await governance.as('officer').call(personRoutes.revoke, input, signal);
  const revokedAt = Date.now();
  const state = join(folder, 'sw-state');
  await until('the inbox is empty', async () => changesIn(join(state, 'received', 'pull-area.db')) === 0);
  const took = Date.now() - revokedAt;
  await until('the webhook is closed', async () => (await stateOf(state, signal)) === 'closed');
  const closedAfter = Date.now() - revokedAt;
  const sent = system.ids.length;
  system.answers.splice(0);
  await mz.run('supply-area', signal);
  checks.push(
    check('erased-within-a-second', true, took < 1_000),
    check('closed-within-a-second', true, closedAfter < 1_000),
    check('nothing-after-revocation', sent, system.ids.length),
    check(
      'not-told-of-what-waited',
      false,
      [...system.held.values()].some(({ name }) => name === '撤销后'),
    ),
  );
  await mz.close();
  await sw.close();
  await governance.close();
  return checks;
}

const textOf = ({ code, name, city_code, province_code }: Readonly<Record<string, string | null>>) =>
  JSON.stringify([code, name, city_code, province_code]);

/** Receives districts into an inbox, all the time, and posts what changes. */
async function sendInto(file: string, url: string): Promise<void> {
  const document = parseDocument(await readFile(file, 'utf8'));
  document.setIn(['connectors', 'inbox'], document.createNode({ type: 'inbox' }));
  const exchange = {
    name: 'pull-area',
    consume: 'xzqh_area',
    connector: 'inbox',
    modeOptions: { continuous: true },
    target: {},
  };
  document.set('exchanges', document.createNode([exchange]));
  const targets = { office: { exchange: 'pull-area', url, secret, batch: { records: 1000, kib: 4096 } } };
  document.set('webhooks', document.createNode({ privateHosts: ['127.0.0.1'], targets }));
  await writeFile(file, document.toString());
}

function changesIn(file: string): number {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare('SELECT count(*) FROM change').pluck().get() as number;
  } finally {
    database.close();
  }
}

async function stateOf(stateDir: string, signal: AbortSignal): Promise<string> {
  const agent = connectAgent(stateDir);
  try {
    const { webhooks } = await agent.call(controlRoutes.webhooks, {}, signal);
    return webhooks[0]?.state ?? 'none';
  } finally {
    await agent.close();
  }
}

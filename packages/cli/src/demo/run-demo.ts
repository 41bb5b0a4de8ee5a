import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isQianzhiError, personRoutes } from '@qianzhi/model';
import { type DemoAgent, startDemoAgent } from './agents.js';
import type { ComparedTable } from './compare.js';
import { countTable, filledColumns } from './database/demo-database.js';
import { type DatabaseChoice, openDatabases } from './database/departments.js';
import { collectEvidence } from './evidence.js';
import { applyFor, type DemoCatalog, type Governance, subscribe } from './governance.js';
import { changeLegacy } from './legacy.js';
import { askBeyondGrant } from './probe.js';
import { createProcesses } from './processes.js';
import { type DemoResult, resultOf } from './report.js';
import { appliedItems, comparedTables, divisions, withheldItem } from './resources.js';
import { openStage, type Stage } from './stage.js';
import { changeDocument, changeRow, flipStoredByte, slipInItem, type Tamper } from './tamper.js';
import { type Finding, judge } from './verdict.js';

export interface DemoOptions {
  readonly databases: DatabaseChoice;
  readonly tamper: Tamper | undefined;
  readonly keep: boolean;
  /** 85,589 rows instead of all. */
  readonly quick: boolean;
  /** One line for each step, in both languages. */
  readonly tell: (zh: string, en: string) => void;
}

export interface DemoOutcome {
  readonly result: DemoResult;
  /** With `keep`: where everything runs and how to sign in. */
  readonly kept?: {
    readonly folder: string;
    readonly url: string;
    readonly pids: Readonly<Record<string, number>>;
    readonly signIns: Governance['signIns'];
    /** Schemas that stay in servers: `host:port/database schema`. */
    readonly schemas: readonly string[];
  };
}

/** The main job on real input, in processes of its own; see the README for what it shows. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<DemoOutcome> {
  const startedAt = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-demo-'));
  const processes = createProcesses(folder, { QZ_HOME: join(folder, 'home') });
  const databases = await openDatabases(folder, options.databases).catch(async (error) => {
    await rm(folder, { recursive: true });
    throw error;
  });
  let end: 'failed' | 'over' | 'kept' = 'failed';
  try {
    const stage = await openStage(folder, databases, processes, options, signal);
    const { result, found } = await play(stage, options, signal);
    const outcome = resultOf(result.verdict, result.denied, found, Date.now() - startedAt);
    end = options.keep ? 'kept' : 'over';
    if (end === 'over') return { result: outcome };
    processes.release();
    const { url, governance } = stage;
    const pids = processes.pids();
    return {
      result: outcome,
      kept: { folder, url, pids, signIns: governance.signIns, schemas: databases.schemas },
    };
  } finally {
    if (end !== 'kept') {
      await processes.stopAll();
      await databases.remove().catch((error) => {
        if (end === 'over') throw error;
        options.tell(
          '演示的模式未能删除:下次加 --replace',
          'its schemas could not be dropped: use --replace',
        );
      });
      // an error names the logs in there
      if (end === 'over') await rm(folder, { recursive: true, force: true });
    }
  }
}

async function play(stage: Stage, options: DemoOptions, signal: AbortSignal) {
  const { folder, url, databases, governance, processes, catalog } = stage;
  const { tell, tamper } = options;
  const found: Finding[] = [];
  const swAdmin = governance.as('swAdmin');
  const codes = catalog.resources.map((resource) => resource.code);
  const tables = comparedTables(databases);

  async function run(agent: DemoAgent, exchange: string): Promise<void> {
    const job = await agent.run(exchange, signal);
    if (job.state === 'done') return;
    found.push({
      name: tamper === 'batch' ? 'batch' : 'job',
      what: `${agent.name} ${exchange} ${job.state}: ${job.problem?.code}`,
    });
  }

  tell(
    '民政供数:读取、按目录校验、封批、签名、上送',
    'civil affairs supplies: read, checked against the catalog, sealed, signed, sent',
  );
  const mz = await startDemoAgent(processes, 'mz-agent', 'mz-agent.yaml', join(folder, 'mz-state'), signal);
  for (const level of divisions) await run(mz, `supply-${level}`);
  await run(mz, 'supply-social-group');
  const before: Record<string, number> = {};
  for (const code of codes) before[code] = await sourceRows(tables[code]!);
  if (tamper === 'batch') await flipStoredByte(join(folder, 'platform'));

  tell(
    '税务订阅;有条件共享的信息项在审批前被拒绝',
    'taxation subscribes; conditional items are refused before approval',
  );
  for (const level of divisions) await subscribe(swAdmin, `xzqh_${level}`, '税源属地管理', signal);
  await subscribe(swAdmin, 'social_group', '社会团体税务登记核对', signal);
  const pending = await applyFor(swAdmin, 'social_group', [...basicItems(catalog), ...appliedItems], signal);
  const refusal = await askBeyondGrant(url, join(folder, 'sw-state'), 'social_group', pending.id, signal);
  const ownApproval = await refused(() =>
    governance.as('swApprover').call(personRoutes.approve, { params: { id: pending.id }, body: {} }, signal),
  );
  const sw = await startDemoAgent(processes, 'sw-agent', 'sw-agent.yaml', join(folder, 'sw-state'), signal);
  for (const level of divisions) await run(sw, `pull-${level}`);
  await run(sw, 'pull-social-group');
  const early = tamper === 'batch' ? [] : await filledColumns(databases.sw.received, 'social_group');
  const denied =
    pending.state === 'applied' && refusal !== undefined && ownApproval && !early.some(isConditional);
  tell(`  平台拒绝:${refusal}`, `  the platform refused: ${refusal}`);

  tell('民政审批同意后,只有获批的信息项流动', 'approved by civil affairs: only the granted items flow');
  await governance
    .as('mzApprover')
    .call(personRoutes.approve, { params: { id: pending.id }, body: {} }, signal);
  await sw.sync(signal);
  await run(sw, 'pull-social-group');

  tell(
    '同一前置机既取又供:税务供税务登记,民政取回',
    'each agent pushes and pulls: taxation supplies its register, civil affairs pulls it',
  );
  await subscribe(governance.as('mzAdmin'), 'national_tax', '社会组织税务信息核对', signal);
  await mz.sync(signal);
  await run(sw, 'supply-national-tax');
  await run(mz, 'pull-national-tax');

  const firstRun = headsOf(await collectEvidence(governance.as('auditor'), codes, signal));
  tell(
    '业务库以普通 SQL 增改删;只有变化的行上路',
    'plain SQL inserts, updates and deletes; only changed rows travel',
  );
  const changed = await changeLegacy(databases);
  for (const level of divisions) await run(mz, `supply-${level}`);
  for (const level of divisions) await run(sw, `pull-${level}`);

  if (tamper === 'row') await changeRow(databases.sw.received);
  if (tamper === 'item') await slipInItem(databases.sw.received);
  if (tamper === 'receipt' || tamper === 'grant') changeDocument(join(folder, 'platform'), tamper);
  tell(
    '逐值核对源库与目标库,离线验证全部签名凭证',
    'source and target compared value by value; every signed document verified',
  );
  const evidence = await collectEvidence(governance.as('auditor'), codes, signal);
  const verdict = await judge({ evidence, tables, before, changed, firstRun });
  await Promise.all([mz.close(), sw.close(), governance.close()]);
  return { result: { verdict, denied }, found };
}

const sourceRows = ({ source }: ComparedTable) => countTable(source.database, source.table);

function basicItems(catalog: DemoCatalog): string[] {
  const resource = catalog.resources.find(({ code }) => code === 'social_group')!;
  return resource.items.filter((item) => item.sharing !== 'conditional').map((item) => item.column);
}

function isConditional(column: string): boolean {
  return column === withheldItem || appliedItems.includes(column);
}

/** True when the platform denies the act; anything but a denial is a failure of the demo. */
async function refused(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return false;
  } catch (error) {
    if (isQianzhiError(error) && error.kind === 'denied') return true;
    throw error;
  }
}

function headsOf(evidence: Awaited<ReturnType<typeof collectEvidence>>): Record<string, number> {
  return Object.fromEntries(
    [...evidence.resources].map(([code, { manifests }]) => [code, manifests.at(-1)?.body.seq ?? 0]),
  );
}

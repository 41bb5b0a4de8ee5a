/**
 * Strategy `diff` over one table of PostgreSQL, agent and platform as processes: a first copy, then one after rows were changed,
 * inserted and deleted. Beside it two floors: the table as psql copies it out, and DuckDB alone telling which lines are not in
 * both copies, from the same files within the same limits.
 */
import { join } from 'node:path';
import { controlRoutes } from '@qianzhi/agent/control';
import { createRig, type RigAgent } from '../e2e/rig.js';
import { doneJob, providerConfig, runJob, serverEnv } from './chain/chain-rig.js';
import { type Databases, openDatabases } from './chain/databases.js';
import { enterpriseResource } from './chain/enterprise.js';
import { peakRssMiBOf } from './chain/process-figures.js';
import { runTool } from './connectors/native-tool.js';
import { changeRows } from './diff/changed-rows.js';
import { compareKeyless } from './diff/keyless.js';
import { compareNatively, type NativeComparison } from './diff/native.js';
import { type Watched, watchWork } from './diff/watch-work.js';
import { report } from './measure.js';
import { numberOption, rounded, say } from './options.js';

const TABLE = 'enterprise';

interface Run extends Watched {
  /** From the order until all has its receipt. */
  readonly seconds: number;
  readonly sent: number;
  /** Of the agent since its start. */
  readonly agentPeakMiB: number;
}

export async function run(options: readonly string[]): Promise<void> {
  const rows = numberOption(options, 'rows', 10_000_000);
  await using databases = await openDatabases(rows, say);
  const env = serverEnv(databases);
  const rig = await createRig(env);
  try {
    await rig.enrol('provider', 'mz', providerConfig(databases.sourceUrl, [TABLE], 'diff'));
    const agent = await rig.startAgent('provider', env);
    await rig.publish(enterpriseResource(TABLE), 'provider');
    await agent.control.call(controlRoutes.sync, {});
    const copyOutSeconds = await copyOut(databases);
    say(`psql: ${copyOutSeconds} s`);
    const first = await supply(agent);
    say(`first copy: ${told(first)}`);
    const changed = await changeRows(databases.source, rows);
    const second = await supply(agent);
    say(`changed: ${told(second)}`);
    const copies = join(agent.stateDir, 'diff', TABLE);
    const keyless = await compareKeyless(copies, rig.at('keyless'));
    say(`without a key: ${toldFigures(keyless)}`);
    const native = await compareNatively(copies, rig.at('native'));
    const result = { rows, changed, first, second, keyless, floor: { copyOutSeconds, native } };
    report(options, result, [
      `${rows} rows; ${toldFigures(changed)}`,
      `first copy  ${told(first)}`,
      `changed     ${told(second)}`,
      `no key      ${toldFigures(keyless)}`,
      `psql        ${copyOutSeconds} s`,
      `DuckDB      ${toldNative(native)}`,
    ]);
  } finally {
    await rig.close();
  }
}

async function copyOut({ sourceUrl }: Databases): Promise<number> {
  const start = performance.now();
  await runTool('psql', ['-qX', sourceUrl, '-c', `COPY ${TABLE} TO STDOUT`]);
  return rounded((performance.now() - start) / 1000);
}

async function supply(agent: RigAgent): Promise<Run> {
  const start = performance.now();
  await using watch = watchWork(agent.process.pid, agent.stateDir);
  const { summary } = await doneJob(agent, await runJob(agent, `supply-${TABLE}`));
  return {
    seconds: rounded((performance.now() - start) / 1000),
    sent: summary?.stored ?? 0,
    agentPeakMiB: Math.round(peakRssMiBOf(agent.process.pid)),
    ...watch.seen(),
  };
}

function told({ seconds, comparingSeconds, sent, agentPeakMiB, childPeakMiB, ...disk }: Run): string {
  const comparing =
    comparingSeconds === undefined ? '' : `, comparing ${comparingSeconds} s in ${childPeakMiB} MiB`;
  return `${seconds} s${comparing}, ${sent} rows sent, agent ${agentPeakMiB} MiB; on disk ${toldFigures(disk)}`;
}

function toldNative({ seconds, peakMiB, lines, problem }: NativeComparison): string {
  return problem ?? `${seconds} s, ${peakMiB} MiB, ${lines} lines differ`;
}

function toldFigures(figures: object): string {
  return Object.entries(figures)
    .map(([name, figure]) => `${name} ${figure}`)
    .join(', ');
}

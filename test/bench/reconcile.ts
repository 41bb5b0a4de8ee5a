/**
 * Two tables that hold the same but for a few planted rows, in two databases of one server, reconciled by two agents through the
 * platform, all of them processes. The target is filled by SQL: it is reconciliation that is measured.
 */
import { setTimeout } from 'node:timers/promises';
import { controlRoutes, type RunningReconciliation } from '@qianzhi/agent/control';
import type { ReconcileReport } from '@qianzhi/model';
import { type ChainRig, createChainRig, type PerRole, perRole } from './chain/chain-rig.js';
import { type Databases, openDatabases } from './chain/databases.js';
import { floorKind, runFloor } from './chain/floor.js';
import { report } from './measure.js';
import { numberOption, rounded, say } from './options.js';

const TABLE = 'held';
const PLANTED = 10;
const LOOK_EVERY_MS = 250;
const DEADLINE_MS = 60 * 60_000;

interface Measured {
  readonly seconds: number;
  readonly cpuMicrosPerRow: PerRole;
  readonly peakRssMiB: PerRole;
  readonly found: ReconcileReport['found'];
}

export async function run(options: readonly string[]): Promise<void> {
  const rows = numberOption(options, 'rows', 10_000_000);
  await using databases = await openDatabases(rows, say);
  await databases.makeTable(TABLE);
  await runFloor(await floorKind(), databases, TABLE);
  await databases.target.query(`VACUUM (FREEZE, ANALYZE) ${TABLE}`);
  const rig = await createChainRig(databases, { resources: [TABLE] });
  try {
    const equal = await measure(rig, rows);
    say(`equal: ${told(equal)}`);
    await plant(databases);
    const planted = await measure(rig, rows);
    say(`planted: ${told(planted)}`);
    await databases.target.query(`UPDATE ${TABLE} SET name = name || '!'`);
    const different = await measure(rig, rows);
    report(options, { rows, equal, planted, different }, [
      `equal      ${told(equal)}`,
      `planted    ${told(planted)}`,
      `different  ${told(different)}`,
    ]);
  } finally {
    await rig.close();
  }
}

/** So many rows of each kind, and as many that only look different. */
async function plant({ target }: Databases): Promise<void> {
  const some = (from: number) =>
    `uscc IN (SELECT uscc FROM ${TABLE} ORDER BY uscc OFFSET ${from} LIMIT ${PLANTED})`;
  await target.query(`UPDATE ${TABLE} SET name = name || ' ' WHERE ${some(1000)}`);
  await target.query(`UPDATE ${TABLE} SET uscc = 'X' || substr(uscc, 2) WHERE ${some(2000)}`);
  await target.query(`UPDATE ${TABLE} SET capital = capital + 0.00 WHERE ${some(3000)}`);
}

async function measure(rig: ChainRig, rows: number): Promise<Measured> {
  const before = rig.cpuMicros();
  const start = performance.now();
  const { consumer } = rig.agents;
  const body = { resource: TABLE, repair: false };
  const begun = await consumer.call(controlRoutes.reconcile, { body });
  const { session } = begun.running[0]!;
  for (const deadline = Date.now() + DEADLINE_MS; ; ) {
    const { running } = await consumer.call(controlRoutes.reconciliations, {});
    const state = running.find((one: RunningReconciliation) => one.session === session);
    if (state?.problem) throw new Error(`${state.problem.code} ${state.problem.texts.en.message}`);
    if (state?.state === 'done') break;
    if (Date.now() > deadline) throw new Error('it did not end');
    await setTimeout(LOOK_EVERY_MS);
  }
  const seconds = rounded((performance.now() - start) / 1000);
  const { results } = await consumer.call(controlRoutes.reconcileResults, { query: { resource: TABLE } });
  const after = rig.cpuMicros();
  const peak = rig.peakRssMiB();
  return {
    seconds,
    cpuMicrosPerRow: perRole((role) => rounded((after[role] - before[role]) / rows)),
    peakRssMiB: perRole((role) => Math.round(peak[role])),
    found: results[0]!.report!.found,
  };
}

function told({ seconds, cpuMicrosPerRow, peakRssMiB, found }: Measured): string {
  const of = (figures: object) =>
    Object.entries(figures)
      .map(([name, figure]) => `${name} ${figure}`)
      .join(', ');
  return `${seconds} s; CPU µs per row: ${of(cpuMicrosPerRow)}; peak RSS MiB: ${of(peakRssMiB)}; found: ${of(found)}`;
}

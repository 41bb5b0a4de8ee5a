import { cutFile } from '../cut-file.js';
import { isOutOfMemory } from '../duckdb/failure-of.js';
import { JobFailure } from '../failure.js';
import type { DiffOutcome } from '../protocol.js';
import type { DiffCounts } from '../requests.js';
import { deleteRowOfKey, keyOfLine } from '../sql/key.js';
import { checkCount } from './check-count.js';
import { findChanges, refuseRepeats } from './find-changes.js';
import type { Workspace } from './workspace.js';

/** Writes `out/delta-*` and `out/carried-*` of the current folder. */
export async function diffJob(workspace: Workspace): Promise<DiffOutcome> {
  await findChanges(workspace, 'baseline', 'candidate');
  await refuseRepeats(workspace, 'baseline', 'candidate');
  await findHeldBack(workspace);
  const counts = await countChanges(workspace);
  const delta = await writeRows(
    workspace,
    'delta',
    deltaRows(workspace),
    counts.inserted + counts.updated + counts.deleted,
  );
  const carried = await writeRows(workspace, 'carried', carriedRows(workspace), counts.heldBack);
  return { delta, carried, counts };
}

/** Keys that left the candidate because their row was rejected, not because it is gone. */
async function findHeldBack(workspace: Workspace): Promise<void> {
  const { database, layout } = workspace;
  await database.run(
    `CREATE TABLE rejected AS SELECT ${keyOfLine(layout)} AS key FROM (${workspace.lines('rejected', 'D')})`,
  );
  const [rows = 0] = await database.numbers('SELECT count(*) FROM rejected');
  checkCount(workspace, 'rejected', rows);
  await database.run(
    'CREATE TABLE held AS SELECT key FROM changes SEMI JOIN rejected USING (key) WHERE b = 0',
  );
}

async function countChanges({ database, expected }: Workspace): Promise<DiffCounts> {
  const [inserted = 0, updated = 0, gone = 0, heldBack = 0] = await database.numbers(
    `SELECT count(*) FILTER (a = 0), count(*) FILTER (a = 1 AND b = 1), count(*) FILTER (b = 0),
      (SELECT count(*) FROM held) FROM changes`,
  );
  const candidateRows = expected('candidate');
  return {
    inserted,
    updated,
    deleted: gone - heldBack,
    unchanged: candidateRows - inserted - updated,
    heldBack,
    baselineRows: expected('baseline'),
    candidateRows,
  };
}

function deltaRows(workspace: Workspace): string {
  const { layout } = workspace;
  return `SELECT key, 'U' || substring(line, 2) AS row
      FROM (SELECT ${keyOfLine(layout)} AS key, line FROM (${workspace.lines('candidate', 'S')}))
      SEMI JOIN (SELECT key FROM changes WHERE b = 1) USING (key)
    UNION ALL
    SELECT key, ${deleteRowOfKey(layout)} AS row
      FROM (SELECT key FROM changes WHERE b = 0) ANTI JOIN held USING (key)`;
}

function carriedRows(workspace: Workspace): string {
  return `SELECT key, line AS row
      FROM (SELECT ${keyOfLine(workspace.layout)} AS key, line FROM (${workspace.lines('baseline', 'S')}))
      SEMI JOIN held USING (key)`;
}

/** FORMAT blob writes bytes as they are: no quoting, no null text, no line ends but ours. */
async function writeRows(
  { database }: Workspace,
  name: 'delta' | 'carried',
  rows: string,
  expected: number,
): Promise<DiffOutcome['delta']> {
  if (expected === 0) return [];
  const copy = `COPY (SELECT encode(row || chr(10)) FROM (${rows}) ORDER BY key) TO '${name}' (FORMAT blob)`;
  try {
    await database.run(copy);
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    // large rows are on their way in each thread
    await database.run('SET threads = 1');
    await database.run(copy);
  }
  const files = await cutFile(name, 'out');
  const written = files.reduce((sum, file) => sum + file.rows, 0);
  if (written !== expected)
    throw new JobFailure('FAILED', { reason: `${written} rows of ${expected} written to ${name}` });
  return files;
}

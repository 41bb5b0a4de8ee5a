import { randomBytes } from 'node:crypto';
import { isOutOfMemory } from '../duckdb/failure-of.js';
import { JobFailure } from '../failure.js';
import type { SetName } from '../protocol.js';
import { keyOfLine } from '../sql/key.js';
import { checkCount } from './check-count.js';
import type { Workspace } from './workspace.js';

/** Where keys in so many parts do not fit either, it is something else that takes the memory. */
const MOST_PASSES = 64;

/**
 * Makes the table `changes (key, a, b)`: how often a key occurs in set `a` and in set `b`, for every key that is not
 * once in each with the same content; of a resource without key items, for every row that is not in both equally often, its digest as
 * key. Checks the rows read against the manifests.
 *
 * One grouping of both sets finds changes and repeats, in states of fixed size that can spill. Where they are too many all the same,
 * keys are taken in parts, and the sets read once for each. Content is compared
 * by 128 bits of MD5 behind a prefix drawn for this run: two given rows agree by chance in 1 of 2^128, and the
 * known ways to make rows that agree need the prefix, which did not exist when the rows were written.
 */
export async function findChanges(workspace: Workspace, a: SetName, b: SetName): Promise<void> {
  for (let passes = 1; ; passes *= 4) {
    try {
      return await findInPasses(workspace, a, b, passes);
    } catch (error) {
      if (!isOutOfMemory(error) || passes >= MOST_PASSES) throw error;
    }
  }
}

async function findInPasses(workspace: Workspace, a: SetName, b: SetName, passes: number): Promise<void> {
  const { database, layout } = workspace;
  const keyless = layout.keyFields.length === 0;
  const digest = `md5_number('${randomBytes(16).toString('hex')}' || line)`;
  const key = keyless ? digest : keyOfLine(layout);
  const content = keyless ? '0::UHUGEINT' : digest;
  const side = (set: SetName, first: boolean) =>
    `SELECT ${first} AS first, ${key} AS key, ${content} AS content FROM (${workspace.lines(set, 'S')})`;
  const differs = keyless ? 'a <> b' : 'a <> 1 OR b <> 1 OR difference <> 0';
  await database.run(
    `CREATE OR REPLACE TABLE changes (key ${keyless ? 'UHUGEINT' : 'VARCHAR'}, a BIGINT, b BIGINT, total BIGINT)`,
  );
  for (let pass = 0; pass < passes; pass++) {
    const part = passes === 1 ? '' : `WHERE hash(key) % ${passes} = ${pass}`;
    // the second grouping set is the total, so that counting costs no second reading
    await database.run(
      `INSERT INTO changes SELECT key, a, b, total FROM (
        SELECT key, grouping(key) AS total, count(*) FILTER (first) AS a, count(*) FILTER (NOT first) AS b,
          bit_xor(content) AS difference
        FROM (${side(a, true)} UNION ALL ${side(b, false)}) ${part}
        GROUP BY GROUPING SETS ((key), ()))
      WHERE total = 1 OR ${differs}`,
    );
  }
  const [rowsOfA = 0, rowsOfB = 0] = await database.numbers(
    'SELECT sum(a), sum(b) FROM changes WHERE total = 1',
  );
  checkCount(workspace, a, rowsOfA);
  checkCount(workspace, b, rowsOfB);
  await database.run('DELETE FROM changes WHERE total = 1');
}

/** A key names one row. Says how many do not, never which. */
export async function refuseRepeats({ database }: Workspace, a: SetName, b: SetName): Promise<void> {
  const [keysOfA = 0, rowsOfA = 0, keysOfB = 0, rowsOfB = 0] = await database.numbers(
    `SELECT count(*) FILTER (a > 1), coalesce(sum(a) FILTER (a > 1), 0),
      count(*) FILTER (b > 1), coalesce(sum(b) FILTER (b > 1), 0) FROM changes`,
  );
  // the later set first: it is the one to be corrected
  if (keysOfB > 0) {
    throw new JobFailure('KEY_REPEATED', { set: b, keys: keysOfB, rows: rowsOfB });
  }
  if (keysOfA > 0) {
    throw new JobFailure('KEY_REPEATED', { set: a, keys: keysOfA, rows: rowsOfA });
  }
}

import { randomBytes } from 'node:crypto';
import { JobFailure } from '../failure.js';
import type { SetName } from '../protocol.js';
import { keyOfLine } from '../sql/key.js';
import { checkCount } from './check-count.js';
import type { Workspace } from './workspace.js';

/**
 * Makes the table `changes (key, a, b)`: how often a key occurs in set `a` and in set `b`, for every key that is not
 * once in each with the same content. Checks the rows read against the manifests.
 *
 * One grouping of both sets finds changes and repeats, in states of fixed size that can spill. Content is compared
 * by 128 bits of MD5 behind a prefix drawn for this run: two given rows agree by chance in 1 of 2^128, and the
 * known ways to make rows that agree need the prefix, which did not exist when the rows were written.
 */
export async function findChanges(workspace: Workspace, a: SetName, b: SetName): Promise<void> {
  const { database, layout } = workspace;
  const prefix = randomBytes(16).toString('hex');
  const side = (set: SetName, first: boolean) =>
    `SELECT ${first} AS first, ${keyOfLine(layout)} AS key, md5_number('${prefix}' || line) AS content
      FROM (${workspace.lines(set, 'S')})`;
  // the second grouping set is the total, so that counting costs no second reading
  await database.run(
    `CREATE TABLE changes AS SELECT key, a, b, total FROM (
      SELECT key, grouping(key) AS total, count(*) FILTER (first) AS a, count(*) FILTER (NOT first) AS b,
        bit_xor(content) AS difference
      FROM (${side(a, true)} UNION ALL ${side(b, false)})
      GROUP BY GROUPING SETS ((key), ()))
    WHERE total = 1 OR a <> 1 OR b <> 1 OR difference <> 0`,
  );
  const [rowsOfA = 0, rowsOfB = 0] = await database.numbers('SELECT a, b FROM changes WHERE total = 1');
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

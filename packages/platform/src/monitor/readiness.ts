import { isQianzhiError, type Problem, toProblem } from '@qianzhi/model';
import type { Part } from '@qianzhi/monitor';
import type { Exchange } from '../exchange/exchange.js';
import type { PlatformContext } from '../server/context.js';

/** Whether database and store of batches can be believed. */
export async function readiness(
  context: PlatformContext,
  { storage }: Pick<Exchange, 'storage'>,
): Promise<readonly Part[]> {
  return [
    { part: 'database', problem: await databaseProblem(context) },
    { part: 'store', problem: problemOf(() => storage.check()) },
  ];
}

/** Why the database cannot be used now; undefined where it can. */
export async function databaseProblem({ db, health }: PlatformContext): Promise<Problem | undefined> {
  const halted = problemOf(() => health.check());
  if (halted) return halted;
  try {
    await db.raw('SELECT 1');
    return undefined;
  } catch (error) {
    const coded = health.failed(error);
    if (!coded) throw error;
    return toProblem(coded);
  }
}

function problemOf(check: () => void): Problem | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!isQianzhiError(error)) throw error;
    return toProblem(error);
  }
}

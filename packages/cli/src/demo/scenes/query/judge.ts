import { readQueryLog } from '@qianzhi/agent';
import type { PlatformClient } from '@qianzhi/client';
import { isQianzhiError, personRoutes, type QueryResult } from '@qianzhi/model';
import { checkQueryResult, checkReceipts } from '@qianzhi/model/crypto';
import type { DemoDatabase } from '../../database/demo-database.js';
import { check, type SceneCheck } from '../scene.js';

/** Answers whose rows are, value by value, those of the source. */
export async function equalRows(
  source: DemoDatabase,
  sql: string,
  results: readonly QueryResult[],
): Promise<{ readonly source: number; readonly equal: number }> {
  const lines = new Set<string>();
  for await (const rows of source.rows(sql)) {
    for (const row of rows) lines.add(JSON.stringify(Object.values(row)));
  }
  const answered = results.flatMap(({ values }) => values.map((row) => JSON.stringify(row)));
  return { source: lines.size, equal: answered.filter((line) => lines.has(line)).length };
}

/** From signed documents and logs alone: what was shown is proven, recorded once by the platform and once by the provider. */
export async function judgeEvidence(
  auditor: PlatformClient,
  stateDir: string,
  shown: readonly QueryResult[],
  signal: AbortSignal,
): Promise<SceneCheck[]> {
  const { keys } = await auditor.call(personRoutes.keyDirectory, {}, signal);
  const { operations } = await auditor.call(
    personRoutes.listOperations,
    { query: { mode: 'online-query', limit: 1000 } },
    signal,
  );
  const receipts = operations.map(({ receipt }) => receipt).reverse();
  const { verified, problems } = checkReceipts(receipts, keys);
  const proven = shown.filter((result) => holds(() => checkQueryResult(result, keys)));
  const ids = new Set(receipts.map(({ body }) => body.id));
  const log = await readQueryLog(stateDir).catch((error) => {
    if (isQianzhiError(error, 'QZ_AGENT_QUERY_LOG_BROKEN')) return [];
    throw error;
  });
  const logged = new Map(log.filter(({ kind }) => kind === 'answered').map((entry) => [entry.id, entry]));
  const byAgent = shown.filter(({ answer }) => answer?.body.agent !== 'platform');
  const agreeing = byAgent.filter((result) => {
    const own = logged.get(result.id);
    return own?.rowsDigest === result.answer?.body.rowsDigest && own?.rows === result.rows;
  });
  return [
    check('signed-by-both-sides', shown.length, proven.length),
    check('receipts-hold-offline', shown.length, verified - problems.length),
    check(
      'each-answer-recorded-once',
      shown.length,
      shown.filter(({ receipt }) => ids.has(receipt.body.id)).length,
    ),
    check('provider-logged-the-same', byAgent.length, agreeing.length),
  ];
}

function holds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (isQianzhiError(error)) return false;
    throw error;
  }
}

import type { Engine } from '@qianzhi/engine';
import type { QianzhiError } from '@qianzhi/model';
import { expect, it, vi } from 'vitest';
import { agentErrors } from '../errors.js';
import type { PlatformLink } from '../link/platform-link.js';
import { startReconciler } from './reconciler.js';

/** Of a platform that answers every poll so. */
function listening(answer: () => QianzhiError) {
  const said: string[] = [];
  const note = (level: string) => (facts: object) =>
    void said.push(`${level} ${(facts as { code?: string }).code ?? ''}`.trim());
  const call = vi.fn(async () => {
    throw answer();
  });
  const reconciler = startReconciler({
    engine: {} as Engine,
    link: { client: { call } } as unknown as PlatformLink,
    agent: 'mz-agent',
    exchanges: () => [],
    log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
    now: () => new Date(),
  });
  return { reconciler, said };
}

const refusal = agentErrors.EXCHANGE_UNKNOWN({ exchange: 'a', known: 'b' });
const outOfReach = agentErrors.RECONCILE_NO_ANSWER({ resource: 'r', peer: 'sw-agent', seconds: 1 });

it.each([
  ['that refuses to tell of sessions is told of', refusal, 'warn QZ_AGENT_EXCHANGE_UNKNOWN', refusal.code],
  ['out of reach is left to the link', outOfReach, 'debug QZ_AGENT_RECONCILE_NO_ANSWER', undefined],
])('a platform %s', async (_, error, line, code) => {
  const { reconciler, said } = listening(() => error);
  await vi.waitFor(() => expect(said).toEqual([line]));
  expect(reconciler.problem()?.code).toBe(code);
  await reconciler.close();
});

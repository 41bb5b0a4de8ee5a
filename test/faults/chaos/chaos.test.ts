import { setTimeout as pause } from 'node:timers/promises';
import type { PlatformClient } from '@qianzhi/client';
import { personRoutes } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import { hasMariadb } from '../../services/mariadb.js';
import { hasPostgres } from '../../services/postgres.js';
import { expectBalanced, expectEvidence } from '../evidence.js';
import { throwDice } from '../seed.js';
import { readTable } from './databases.js';
import { startDiary } from './diary.js';
import { provoke } from './faults.js';
import { operators, settle } from './operator.js';
import { consumers, tables } from './tables.js';
import { agentNames, createWorld, signIn, subscribeAll, type World } from './world.js';
import { write } from './writer.js';

/**
 * Random writes at every source by every strategy, and faults at random; then all comes to rest, and every target holds what its
 * source holds, value by value. QZ_CHAOS_MINUTES: how long; at leisure where it is more than two.
 */
const minutes = Number(process.env.QZ_CHAOS_MINUTES ?? 0.5);
const atLeisure = minutes > 2;
const pace = atLeisure
  ? { writerMs: 1_500, everyMs: 6_000, faultMs: 8_000 }
  : { writerMs: 250, everyMs: 1_500, faultMs: 2_000 };

describe.skipIf(!hasPostgres() || !hasMariadb())('chaos', () => {
  it('ends with every target equal to its source', { timeout: minutes * 60_000 + 360_000 }, async () => {
    throwDice('chaos');
    const diary = startDiary();
    await using world = await createWorld();
    try {
      await subscribeAll(world);
      diary.note('begins');
      const over = new AbortController();
      const ended = new AbortController();
      const writers = tables.flatMap((table) =>
        Array.from({ length: table.kind === 'sqlite' ? 1 : 2 }, (_, n) => {
          const place = world.source(table);
          return write(
            { place, table, name: `${table.code} ${n}`, pauseMs: pace.writerMs, diary },
            over.signal,
          );
        }),
      );
      const faults = provoke({ world, diary, pauseMs: pace.faultMs }, over.signal);
      const operating = operators({ world, diary, everyMs: pace.everyMs }, ended.signal);
      const all = Promise.all([...writers, ...faults]);
      try {
        await Promise.race([pause(minutes * 60_000), all, ...operating]);
        over.abort();
        await Promise.race([all, Promise.all(operating)]);
      } finally {
        over.abort();
        ended.abort();
        await Promise.allSettled([...writers, ...faults, ...operating]);
      }
      await Promise.all(operating);
      diary.note('nothing is written any more, and nothing breaks');
      await settle(world, diary);
      let compared = 0;
      for (const table of tables) {
        for (const { name, columns } of consumers) {
          const source = await readTable(world.source(table), columns);
          const target = await readTable(world.target(name, table), columns);
          expect(differences(source, target), `${table.code} at ${name}`).toEqual([]);
          compared += source.size;
        }
      }
      // the last that was done to a table may have been TRUNCATE
      expect(compared).toBeGreaterThan(0);
      // whoever signed in before all this has been signed out
      const auditor = await signIn(world.rig, 'auditor');
      await expectProven(world, auditor).finally(() => auditor.close());
      diary.note('proven');
      console.log(Object.fromEntries([...diary.counts].sort()));
    } catch (error) {
      diary.note(`${error}\n\n${world.rig.shown()}`);
      throw new Error(`see ${diary.file}`, { cause: error });
    }
    diary.forget();
  });
});

/** Nothing was rejected, what was sent was applied once by both, and the product's own comparison says the same. */
async function expectProven({ rig, platformRows }: World, auditor: PlatformClient): Promise<void> {
  const proven = { at: rig.at, json: rig.json, auditor, platformRows };
  const receipts = await expectEvidence(proven, agentNames);
  const { reconciliations } = await auditor.call(personRoutes.reconciliation, { query: {} });
  for (const { code } of tables) {
    const { stored, delivered } = await expectBalanced(proven, code, receipts);
    const sums = reconciliations.filter(({ resource }) => resource === code);
    expect(sums).toMatchObject([{ stored, rejected: 0 }]);
    const { deliveries } = sums[0]!;
    expect(deliveries.length).toBe(consumers.length);
    for (const { sent, confirmed } of deliveries) expect(confirmed, `${code}: sent and confirmed`).toBe(sent);
    const rows = deliveries.reduce((sum, one) => sum + one.rows, 0);
    expect(delivered, `${code}: rows sent and delivered`).toBe(rows);
    // a delivery begins at the last whole copy there is by then
    expect(delivered).toBeLessThanOrEqual(consumers.length * stored);
  }
  const { code, answer } = await rig.json<{ equal: boolean }>(['reconcile', 'pg_log', '--config', 'sw.yaml']);
  expect({ code, answer }).toMatchObject({ code: 0, answer: { equal: true } });
}

type Rows = Awaited<ReturnType<typeof readTable>>;

function differences(source: Rows, target: Rows): object[] {
  const found = [...new Set([...source.keys(), ...target.keys()])].flatMap((key) => {
    const [is, was] = [source.get(key), target.get(key)];
    return JSON.stringify(is) === JSON.stringify(was) ? [] : [{ key, source: is, target: was }];
  });
  return found.slice(0, 20);
}

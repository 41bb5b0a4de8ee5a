import type { Alert } from '@qianzhi/agent/control';
import { controlRoutes } from '@qianzhi/agent/control';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandsIn } from '../../e2e/hints.js';
import { eventually } from '../../e2e/program.js';
import { hasMariadb } from '../../services/mariadb.js';
import { hasPostgres } from '../../services/postgres.js';
import { readTable } from '../chaos/databases.js';
import { type ChaosTable, tables } from '../chaos/tables.js';
import { createWorld, subscribeAll, type World } from '../chaos/world.js';
import { throwDice } from '../seed.js';
import {
  agentWaits,
  crashSource,
  expectArrives,
  expectEvidenceOf,
  holding,
  ofPostgres,
  supplied,
  tableOf,
  work,
} from './scene.js';

/** Every read strategy under what happens to its source: it crashes, its answers get lost, what captures changes is gone. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const dice = throwDice('strategies of a source');
let world: World;

const begin = ({ code }: ChaosTable) =>
  world.agent('mz').control.call(controlRoutes.runJob, { params: { exchange: `out-${code}` } });

/** How often it was begun until it was done, by itself. */
async function attempts({ id }: { readonly id: string }): Promise<number> {
  const { attempt } = await eventually(`${id} to be done`, 60_000, async () => {
    const job = await world.agent('mz').control.call(controlRoutes.showJob, { params: { job: id } });
    if (job.state === 'failed') throw new Error(JSON.stringify(job.problem));
    return job.state === 'done' ? job : undefined;
  });
  return attempt;
}

const rows = async (sql: string) => {
  const session = await world.source(ofPostgres[0]!).open();
  try {
    return await session.rows(sql);
  } finally {
    await session.end();
  }
};

const changeTable = async () =>
  (
    await rows(`SELECT relname FROM pg_class WHERE relname LIKE 'qianzhi\\_log\\_%' AND relkind = 'r'`)
  )[0]![0]!;

describe.skipIf(!hasPostgres() || !hasMariadb())('read strategies', () => {
  beforeAll(async () => {
    world = await createWorld();
    await subscribeAll(world);
    for (const table of tables) await work(world, table, dice);
    await Promise.all(tables.map((table) => expectArrives(world, table)));
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  it.each(ofPostgres)('$strategy: the server crashes while it is read', async (table) => {
    await work(world, table, dice);
    const job = await holding(world, `LOCK TABLE ${table.code} IN ACCESS EXCLUSIVE MODE`, async () => {
      const begun = await begin(table);
      await agentWaits(world);
      await crashSource(world);
      return begun;
    });
    await work(world, table, dice);
    expect(await attempts(job)).toBeGreaterThan(1);
    await expectArrives(world, table);
  });

  it('flag: the server crashes while flags are set back; they are set in the end', async () => {
    const table = tableOf('flag');
    await work(world, table, dice);
    const [key] = [...(await readTable(world.source(table), ['code'])).keys()];
    await holding(world, `SELECT 1 FROM ${table.code} WHERE code = '${key}' FOR UPDATE`, async () => {
      await begin(table);
      await agentWaits(world);
      await crashSource(world);
    });
    await work(world, table, dice);
    await expectArrives(world, table);
    expect(await rows(`SELECT count(*)::text FROM ${table.code} WHERE mark = 0`)).toEqual([['0']]);
  });

  it('change-table: the server crashes while changes are purged; they are in the end', async () => {
    const table = tableOf('change-table');
    const log = await changeTable();
    await work(world, table, dice);
    await holding(world, `SELECT 1 FROM ${log} FOR UPDATE`, async () => {
      await begin(table);
      await agentWaits(world);
      await crashSource(world);
    });
    await work(world, table, dice);
    await expectArrives(world, table);
    expect(await rows(`SELECT count(*)::text FROM ${log} WHERE qz_op NOT LIKE 'QZC%'`)).toEqual([['0']]);
  });

  it('log: the server forgets at a crash that log was released', async () => {
    const table = tableOf('log');
    await work(world, table, dice);
    await supplied(world, table);
    await crashSource(world);
    await work(world, table, dice);
    await expectArrives(world, table);
  });

  it.each([
    ['flag', /COMMIT;?\0/g],
    ['change-table', /DELETE FROM "public"."qianzhi_log[^\0]*\0/g],
    ['log', /pg_replication_slot_advance[^\0]*\0/g],
  ] as const)('%s: the answer to what confirms gets lost', async (strategy, statement) => {
    const table = tableOf(strategy);
    for (const when of ['after', 'during'] as const) {
      await work(world, table, dice);
      const lost = world.commits.source.next(when, 0, { statement });
      const job = await begin(table);
      await lost;
      await work(world, table, dice);
      expect(await attempts(job)).toBeGreaterThan(1);
      await expectArrives(world, table);
    }
  });

  /** The job fails so, its stream tells of it in an alert, and the commands it names lead on. */
  async function expectStops(table: ChaosTable, code: string): Promise<string[]> {
    const { id } = await begin(table);
    const job = await eventually(`${code}`, 30_000, async () => {
      const now = await world.agent('mz').control.call(controlRoutes.showJob, { params: { job: id } });
      if (now.state === 'done') throw new Error('it was done');
      return now.state === 'failed' ? now : undefined;
    });
    expect(job.problem).toMatchObject({ code });
    await eventually('an alert', 40_000, async () => {
      const list = ['alert', 'list', '--config', 'mz.yaml'];
      const { answer } = await world.rig.json<{ alerts: Alert[] }>(list);
      return answer.alerts.some((alert) => alert.problem?.code === code && !alert.resolvedAt) || undefined;
    });
    return commandsIn(job.problem!.texts.en.hint);
  }

  async function pasted(command: string): Promise<void> {
    const { code, err } = await world.rig.paste(command, 'mz');
    expect(code, `${command}\n${err}`).toBe(0);
  }

  // not soon after a whole copy: serials below the first one may come for some seconds
  it('change-table: serials that went back are told, and a full copy follows the command', async () => {
    const table = tableOf('change-table');
    const log = await changeTable();
    await rows(`TRUNCATE ${log} RESTART IDENTITY`);
    await work(world, table, dice);
    const commands = await expectStops(table, 'QZ_POSTGRES_CAPTURE_SILENT');
    expect(commands).toEqual(['qianzhi stream resnapshot pg_change']);
    await pasted(commands[0]!);
    await expectArrives(world, table);
  });

  it('change-table: a trigger that is disabled is told, and its repair leads to a full copy', async () => {
    const table = tableOf('change-table');
    await rows(`ALTER TABLE ${table.code} DISABLE TRIGGER USER`);
    await work(world, table, dice);
    const [install, resume] = await expectStops(table, 'QZ_ENGINE_DRIFT');
    expect(install).toMatch(/^qianzhi connector capture install NAME --table pg_change$/);
    await pasted(`${install!.replace('NAME', 'postgres')} --yes`);
    await pasted(resume!);
    await expectArrives(world, table);
  });

  it('leave evidence that adds up', () => expectEvidenceOf(world));
});

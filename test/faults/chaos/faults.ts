import { setTimeout as pause } from 'node:timers/promises';
import { type Dice, diceFor } from '../seed.js';
import { isRefusal } from './databases.js';
import type { Diary } from './diary.js';
import { type Kind, tables } from './tables.js';
import type { ProcessName, World } from './world.js';

export interface FaultsOptions {
  readonly world: World;
  readonly diary: Diary;
  /** Between two faults of one kind, on average. */
  readonly pauseMs: number;
}

/** One thing that happens and is over when it resolves; answers what it was. */
type Fault = (world: World, dice: Dice, diary: Diary) => Promise<string>;

const shortly = (dice: Dice, atMostMs: number) => pause(dice.below(atMostMs));
const processes: readonly ProcessName[] = ['mz', 'sw', 'rs', 'platform'];

/** As a service manager starts it again, until it can. */
async function startAgain(world: World, name: ProcessName, diary: Diary): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await world.start(name);
    } catch (error) {
      if (tries === 30) throw error;
      diary.note(`${name} could not start: ${String(error).slice(0, 500)}`);
      await pause(500);
    }
  }
}

const kill: Fault = async (world, dice, diary) => {
  const name = dice.pick(processes);
  await world.process(name).stop('SIGKILL');
  await shortly(dice, 1_500);
  await startAgain(world, name, diary);
  return `killed ${name}`;
};

const freeze: Fault = async (world, dice) => {
  const name = dice.pick(processes);
  const { pid } = world.process(name);
  process.kill(pid, 'SIGSTOP');
  await shortly(dice, 4_000);
  process.kill(pid, 'SIGCONT');
  return `froze ${name}`;
};

const stopInOrder: Fault = async (world, dice, diary) => {
  const name = dice.pick(processes);
  await world.process(name).stop();
  await startAgain(world, name, diary);
  return `restarted ${name}`;
};

const crash: Fault = async ({ servers }, dice) => {
  const name = dice.pick(['source', 'target', 'mariadb'] as const);
  await servers[name].stop('immediate');
  await shortly(dice, 1_500);
  await servers[name].start();
  return `crashed ${name}`;
};

const lineNames = ['mz', 'sw', 'rs', 'source', 'target', 'mariadb'] as const;

const breakLine: Fault = async ({ lines }, dice) => {
  const name = dice.pick(lineNames);
  const line = lines[name];
  switch (dice.below(5)) {
    case 0:
      line.cut();
      return `cut ${name}`;
    case 1:
      line.reset();
      return `reset ${name}`;
    case 2:
      line.resetAfter(dice.below(20_000), dice.pick(['toTarget', 'toClient']));
      return `fuse for ${name}`;
    case 3:
      line.stall();
      await shortly(dice, 3_000);
      line.flow();
      return `stalled ${name}`;
    default:
      line.refuse(true);
      await shortly(dice, 2_000);
      line.refuse(false);
      return `refused ${name}`;
  }
};

const loseCommit: Fault = async ({ commits }, dice, diary) => {
  const name = dice.pick(['source', 'target'] as const);
  const when = dice.pick(['after', 'during'] as const);
  try {
    await commits[name].next(when, dice.below(4), { withinMs: 8_000 });
    return `lost the answer to a COMMIT of ${name}, ${when} it`;
  } catch (error) {
    diary.note(String(error));
    return `missed a COMMIT of ${name}`;
  }
};

/** By someone who found it to hold the server's log back. */
const dropSlot: Fault = async ({ source }) => {
  const session = await source(tables.find(({ strategy }) => strategy === 'log')!).open();
  try {
    await session.rows(
      'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active_pid IS NOT NULL',
    );
    const dropped = await session.rows(
      'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE active_pid IS NULL',
    );
    return `dropped ${dropped.length} slots`;
  } finally {
    await session.end();
  }
};

/** By a program that was installed anew: changes meanwhile are in no change table. */
const dropTrigger: Fault = async ({ source }, dice) => {
  const table = dice.pick(tables.filter(({ strategy }) => strategy === 'change-table'));
  const session = await source(table).open();
  try {
    const [trigger] = await session.rows(triggersOf[table.kind](table.code));
    if (!trigger) return `left no trigger on ${table.code}`;
    const on = table.kind === 'postgres' ? ` ON ${table.code}` : '';
    await session.run(`DROP TRIGGER ${trigger[0]}${on}`);
    return `dropped trigger ${trigger[0]} of ${table.code}`;
  } finally {
    await session.end();
  }
};

const triggersOf: Readonly<Record<Kind, (table: string) => string>> = {
  postgres: (table) =>
    `SELECT tgname FROM pg_trigger WHERE tgrelid = '${table}'::regclass AND NOT tgisinternal`,
  mariadb: (table) =>
    `SELECT trigger_name FROM information_schema.triggers WHERE event_object_table = '${table}' AND event_object_schema = database()`,
  sqlite: (table) => `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '${table}'`,
};

/** Each lane has its own time, so that faults of different lanes meet. */
const lanes: Readonly<Record<string, readonly Fault[]>> = {
  processes: [kill, kill, kill, freeze, freeze, stopInOrder],
  databases: [crash, crash, crash, dropSlot, dropTrigger],
  lines: [breakLine, breakLine, breakLine, loseCommit],
};

/** Faults in every lane until they are stopped; when they have, everything runs. */
export function provoke({ world, diary, pauseMs }: FaultsOptions, stop: AbortSignal): Promise<void>[] {
  return Object.entries(lanes).map(async ([lane, faults]) => {
    const dice = diceFor(`faults ${lane}`);
    while (!stop.aborted) {
      await pause(pauseMs / 2 + dice.below(pauseMs), undefined, { signal: stop }).catch(() => undefined);
      if (stop.aborted) return;
      const fault = dice.pick(faults);
      try {
        const what = await fault(world, dice, diary);
        diary.note(what);
        diary.count(`fault: ${what.split(' ', 1)[0]}`);
      } catch (error) {
        // a fault that another one left nothing of
        if (!isRefusal(error)) throw new Error(`fault of ${lane}`, { cause: error });
        diary.note(`no fault: ${error}`);
      }
    }
  });
}

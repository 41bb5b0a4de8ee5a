import { setTimeout as pause } from 'node:timers/promises';
import { controlRoutes, type JobInfo } from '@qianzhi/agent/control';
import { isQianzhiError } from '@qianzhi/model';
import { commandsIn } from '../../e2e/hints.js';
import type { Diary } from './diary.js';
import { consumers, tables } from './tables.js';
import { type AgentName, agentNames, connectorOf, type World } from './world.js';

export interface OperatorOptions {
  readonly world: World;
  readonly diary: Diary;
  /** Between two runs of one exchange. */
  readonly everyMs: number;
}

const AT_REST = new Set(['done', 'cancelled', 'waiting']);
/** What faults may bring about that a person has to mend: a trigger that was dropped. */
const mendable = 'qianzhi connector capture install ';

/** Runs every exchange of an agent again and again, as its schedule would, and does what the product says where one stops. */
export async function operate(
  name: AgentName,
  { world, diary, everyMs }: OperatorOptions,
  stop: AbortSignal,
): Promise<void> {
  const begun = new Map<string, number>();
  const mended = new Set<string>();
  while (!stop.aborted) {
    await pause(Math.min(1_000, everyMs / 2));
    try {
      const { control } = world.agent(name);
      const asked = AbortSignal.timeout(8_000);
      const { jobs } = await control.call(controlRoutes.jobs, { query: { limit: 200 } }, asked);
      for (const exchange of exchangesOf(name)) {
        const job = jobs.find((one) => one.exchange === exchange);
        if (job?.state === 'failed') {
          if (mended.has(job.id)) continue;
          mended.add(job.id);
          await mend(world, diary, job);
        } else if (job && !AT_REST.has(job.state)) continue;
        if (Date.now() - (begun.get(exchange) ?? 0) < everyMs) continue;
        begun.set(exchange, Date.now());
        diary.count(`runs of ${name}`);
        await control.call(controlRoutes.runJob, { params: { exchange } }, asked);
      }
    } catch (error) {
      // it was killed, or stands still
      if (!isAway(error)) throw new Error(`operator of ${name}`, { cause: error });
    }
  }
}

const exchangesOf = (name: AgentName) => tables.map(({ code }) => `${name === 'mz' ? 'out' : 'in'}-${code}`);

const isAway = (error: unknown) =>
  (isQianzhiError(error) && ['unavailable', 'timeout', 'cancelled'].includes(error.kind)) ||
  isQianzhiError(error, 'QZ_AGENT_NOT_RUNNING');

/** As a person would who reads what the job says. */
async function mend({ rig }: World, diary: Diary, { exchange, problem }: JobInfo): Promise<void> {
  const commands = commandsIn(problem?.texts.en.hint ?? '').slice(0, 2);
  if (!commands[0]?.startsWith(mendable)) throw new Error(`${exchange} failed: ${JSON.stringify(problem)}`);
  diary.note(`${exchange} says ${problem?.texts.en.message}`);
  const connector = connectorOf(tables.find(({ code }) => exchange.endsWith(code))!);
  for (const command of commands) {
    const typed = command.replace(' NAME ', ` ${connector} `) + (command.includes('install') ? ' --yes' : '');
    for (let tries = 0; ; tries++) {
      const { code, err } = await rig.paste(typed, 'mz');
      if (code === 0) break;
      // the database, or the agent, may be away just now
      if (tries === 40) throw new Error(`${typed}: ${err}`);
      await pause(500);
    }
  }
  diary.note(`${exchange} mended`);
}

/** Nothing happens any more: every exchange is run to its end, supplies first. */
export async function settle(world: World, diary: Diary): Promise<void> {
  const stopped = (job: JobInfo) => mend(world, diary, job);
  await Promise.all(exchangesOf('mz').map((exchange) => runToEnd(world, 'mz', exchange, stopped)));
  diary.note('all is supplied');
  await Promise.all(
    consumers.flatMap(({ name }) =>
      exchangesOf(name).map((exchange) => runToEnd(world, name, exchange, stopped)),
    ),
  );
  diary.note('all is consumed');
}

/** Runs an exchange until it is done, at once again where it waits; `stopped` is called where it failed, and may throw. */
export async function runToEnd(
  world: World,
  name: AgentName,
  exchange: string,
  stopped: (job: JobInfo) => Promise<void>,
): Promise<JobInfo> {
  const { control } = world.agent(name);
  const begin = () => control.call(controlRoutes.runJob, { params: { exchange } });
  const deadline = Date.now() + 120_000;
  for (let job = await begin(); ; ) {
    if (job.state === 'done') return job;
    if (Date.now() > deadline) throw new Error(`${exchange} of ${name} does not end: ${JSON.stringify(job)}`);
    await pause(100);
    job = await control.call(controlRoutes.showJob, { params: { job: job.id } });
    if (job.state === 'failed') await stopped(job);
    if (job.state === 'failed' || job.state === 'waiting') job = await begin();
  }
}

export const operators = (options: OperatorOptions, stop: AbortSignal) =>
  agentNames.map((name) => operate(name, options, stop));

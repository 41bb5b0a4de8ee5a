import type { JobInfo } from '@qianzhi/agent/control';
import { expect } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { insertRows, rowsOf, sql } from '../../fixtures/tables.js';
import { commandsIn } from '../hints.js';
import { eventually } from '../program.js';
import { createRig, type Person, type Rig } from '../rig.js';

/** What an exchange that stands still says about going on. */
export interface Stopped {
  readonly job: JobInfo;
  readonly hint: string;
  /** The commands its hint names, in order. */
  readonly commands: readonly string[];
  readonly restart: string;
}

/**
 * A supplier `mz` and a consumer `sw` of the same tables: of three rows each, published and subscribed, both agents
 * running. Every state that stops something names the command that starts it again: a test brings a thing to a stop
 * for real, takes the command out of what it was told, runs exactly that, and sees the rows arrive.
 */
export interface Scene {
  readonly rig: Rig;
  /** SQL at the supplier's database. */
  change(...statements: string[]): void;
  add(table: string, code: string): void;
  /** Publishes and orders the supply. */
  publish(table: string): Promise<void>;
  /** Runs an exchange that must not get through, and answers all it was told about going on. */
  stops(agent: string, exchange: string, code: string, state?: JobInfo['state']): Promise<Stopped>;
  /** Pastes a command from a hint; it must run and end with 0. Answers what it showed. */
  paste(command: string | undefined, agent: string): Promise<string>;
  /** The same as a person who signs in first. */
  pasteAs(person: Person, command: string | undefined): Promise<string>;
  /** The newest job of an exchange comes to its end and it is a good one. */
  runs(agent: string, exchange: string): Promise<void>;
  supplied(table: string): Promise<void>;
  /** Everything of a table arrived as it is, no more and no less. */
  arrives(table: string): Promise<void>;
  same(table: string): void;
}

export interface SceneOptions {
  readonly tables: readonly string[];
  /** Of these: not published; published and not subscribed. */
  readonly unpublished?: readonly string[];
  readonly unsubscribed?: readonly string[];
}

const columns = ['code', 'name'];

export async function createScene(options: SceneOptions): Promise<Scene> {
  const { tables, unpublished = [], unsubscribed = [] } = options;
  const rig = await createRig();
  const legacy = rig.at('legacy.sqlite');
  const own = rig.at('own.sqlite');
  const add = (table: string, code: string) => insertRows(legacy, table, [[code, `${table} ${code}`]]);

  const scene: Scene = {
    rig,
    change: (...statements) => sql(legacy, ...statements),
    add,
    publish: (table) =>
      rig.publish(
        resourceOf(
          table,
          columns.map((column) => ({ column })),
        ),
        'mz',
      ),
    async stops(agent, exchange, code, state = 'failed') {
      const job = await rig.run(agent, exchange);
      expect(job, JSON.stringify(job)).toMatchObject({ state, problem: { code } });
      const { hint } = job.problem!.texts.en;
      expect(hint, 'no place left open').not.toMatch(/\{\w+\}/);
      return { job, hint, commands: commandsIn(hint), restart: job.restart! };
    },
    async paste(command, agent) {
      const { code, out, err } = await rig.paste(command!, agent);
      expect(code, `${command}\n${err}`).toBe(0);
      return out;
    },
    async pasteAs(person, command) {
      await rig.signIn(person);
      return scene.paste(command, 'mz');
    },
    async runs(agent, exchange) {
      await eventually(`${exchange} to get done`, 60_000, async () => {
        const list = ['job', 'list', '--exchange', exchange, '--limit', '1', '--config', `${agent}.yaml`];
        const { answer } = await rig.json<{ jobs: JobInfo[] }>(list);
        return answer.jobs[0]?.state === 'done' || undefined;
      });
    },
    async supplied(table) {
      const { state, problem } = await rig.run('mz', `supply-${table}`);
      expect(state, JSON.stringify(problem)).toBe('done');
    },
    async arrives(table) {
      const { state, problem } = await rig.run('sw', `pull-${table}`);
      expect(state, JSON.stringify(problem)).toBe('done');
      scene.same(table);
    },
    same: (table) => expect(rowsOf(own, table, columns)).toEqual(rowsOf(legacy, table, columns)),
  };

  try {
    await rig.enrol('mz', 'mz', supplies(tables));
    await rig.enrol('sw', 'sw', pulls(tables));
    for (const table of tables) {
      sql(legacy, `CREATE TABLE ${table} (code TEXT PRIMARY KEY, name TEXT)`);
      for (const code of ['1', '2', '3']) add(table, code);
      if (unpublished.includes(table)) continue;
      await scene.publish(table);
      if (!unsubscribed.includes(table)) await rig.subscribe(table);
    }
    await rig.startAgent('mz');
    await rig.startAgent('sw');
    return scene;
  } catch (error) {
    await rig.close();
    throw error;
  }
}

const supplies = (tables: readonly string[]) => `connectors:
  civil: { type: sqlite, path: ./legacy.sqlite, busyTimeoutMs: 200 }
exchanges:
${tables.map((table) => `  - { name: supply-${table}, supply: ${table}, connector: civil, strategy: diff, source: { table: ${table} } }`).join('\n')}
`;

const pulls = (tables: readonly string[]) => `connectors:
  own: { type: sqlite, path: ./own.sqlite, create: true }
exchanges:
${tables.map((table) => `  - { name: pull-${table}, consume: ${table}, connector: own, target: { table: ${table}, create: true } }`).join('\n')}
`;

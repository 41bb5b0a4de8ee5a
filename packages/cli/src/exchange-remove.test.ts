import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agentErrors } from '@qianzhi/agent';
import { type AgentControl, controlRoutes } from '@qianzhi/agent/control';
import { modelErrors, QianzhiError } from '@qianzhi/model';
import Database from 'better-sqlite3';
import { afterEach, expect, it } from 'vitest';
import ExchangeRemove from './commands/exchange/remove.js';
import { testFolders } from './testing/folder.js';

const testFolder = testFolders();

const root = join(import.meta.dirname, '..');
const config = `platform: { url: http://127.0.0.1:9 }
stateDir: ./state
connectors: { civil: { type: sqlite, path: ./a.db } }
exchanges:
  - { name: out, supply: village, connector: civil, strategy: snapshot, source: { table: t } }
`;

/** What the agent answers to being asked to give data up, one after another. */
let answers: (() => { batches: number })[] = [];
class Removal extends ExchangeRemove {
  protected override withAgent<T>(_: string, work: (agent: AgentControl, place: never) => Promise<T>) {
    const call = async (route: unknown) => {
      if (route === controlRoutes.discard) return answers.shift()!();
      return { jobs: [] };
    };
    return work({ call } as unknown as AgentControl, {} as never);
  }
}

async function scene() {
  const folder = await testFolder();
  const file = join(folder, 'agent.yaml');
  await writeFile(file, config);
  await mkdir(join(folder, 'state'));
  const db = new Database(join(folder, 'state', 'state.db'));
  db.exec(`CREATE TABLE stream (resource, epoch, seq, receipted);
    CREATE TABLE batch (resource, epoch, seq, stored_bytes, file);
    CREATE TABLE quarantine (exchange, exported);
    INSERT INTO stream VALUES ('village', 1, 2, 1);
    INSERT INTO batch VALUES ('village', 1, 2, 75, '2')`);
  db.close();
  const remove = () =>
    Removal.run(['out', '--discard', '--yes', '--json', '--config', file], { root }) as Promise<unknown>;
  return { remove, text: () => readFile(file, 'utf8') };
}

afterEach(() => {
  process.exitCode = 0;
});

it('an exchange whose data cannot be given up now stays in the config, for the command to be repeated', async () => {
  const { remove, text } = await scene();
  answers = [
    () => {
      throw agentErrors.NOT_RUNNING({ socket: 'agent.sock' });
    },
  ];
  await remove();
  expect(process.exitCode).toBeGreaterThan(0);
  expect(await text()).toBe(config);

  process.exitCode = 0;
  answers = [
    () => {
      const { texts } = modelErrors.CANCELLED({ what: 'out' });
      throw new QianzhiError({ code: 'QZ_ENGINE_EXCHANGE_BUSY', kind: 'conflict', texts });
    },
    () => ({ batches: 1 }),
  ];
  expect(await remove()).toMatchObject({ exchange: 'out', discarded: 1, agent: 'taken' });
  expect(process.exitCode).toBe(0);
  expect(await text()).not.toContain('village');
});

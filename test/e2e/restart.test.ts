import { access, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { personRoutes } from '@qianzhi/model';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually } from './program.js';
import {
  commandsIn,
  copyFolder,
  createRig,
  insertRows,
  PASSWORD,
  type Rig,
  resourceOf,
  rowsOf,
  sql,
} from './rig.js';

/**
 * Every state that stops something names the command that starts it again. Each test brings a thing to a stop for
 * real, takes the command out of what it was told, runs exactly that, and sees the rows arrive.
 */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let rig: Rig;
const resources = [
  'paused',
  'cancelled',
  'lost_table',
  'drifted',
  'grown',
  'rejected',
  'unordered',
  'ungranted',
  'revoked',
  'damaged',
  'strategy',
  'behind',
  'outbox',
  'locked',
  'offline',
] as const;
type Resource = (typeof resources)[number];
const columns = ['code', 'name'];

const supplies = (more = '') => `connectors:
  civil: { type: sqlite, path: ./legacy.sqlite, busyTimeoutMs: 200 }
exchanges:
${resources.map((code) => `  - { name: supply-${code}, supply: ${code}, connector: civil, strategy: diff, source: { table: ${code} } }`).join('\n')}
${more}`;
const pulls = () => `connectors:
  own: { type: sqlite, path: ./own.sqlite, create: true }
exchanges:
${resources.map((code) => `  - { name: pull-${code}, consume: ${code}, connector: own, target: { table: ${code}, create: true } }`).join('\n')}
`;

beforeAll(async () => {
  rig = await createRig();
  await rig.enrol('mz', 'mz', supplies());
  await rig.enrol('sw', 'sw', pulls());
  for (const code of resources) {
    sql(rig.at('legacy.sqlite'), `CREATE TABLE ${code} (code TEXT PRIMARY KEY, name TEXT)`);
    insertRows(
      rig.at('legacy.sqlite'),
      code,
      ['1', '2', '3'].map((key) => [key, `${code} ${key}`]),
    );
    if (code !== 'unordered')
      await rig.publish(resourceOf(code, [{ column: 'code' }, { column: 'name' }]), 'mz');
    if (code !== 'unordered' && code !== 'ungranted') await rig.subscribe(code);
  }
  await rig.startAgent('mz');
  await rig.startAgent('sw');
});

afterAll(async () => {
  await rig?.close();
});

const change = (...statements: string[]) => sql(rig.at('legacy.sqlite'), ...statements);
const add = (table: Resource, code: string) =>
  insertRows(rig.at('legacy.sqlite'), table, [[code, `${table} ${code}`]]);

/** Runs an exchange that must not get through, and answers all it was told about going on. */
async function stops(agent: string, exchange: string, code: string, state = 'failed') {
  const job = await rig.run(agent, exchange);
  expect(job, JSON.stringify(job)).toMatchObject({ state, problem: { code } });
  const { hint } = job.problem.texts.en;
  expect(hint, 'no place left open').not.toMatch(/\{\w+\}/);
  return { job, hint, commands: commandsIn(hint), restart: job.restart as string };
}

/** Pastes a command from a hint; it must run and end with 0. */
async function paste(command: string, agent: string): Promise<void> {
  const { code, err } = await rig.paste(command, agent);
  expect(code, `${command}\n${err}`).toBe(0);
}

/** The newest job of an exchange comes to its end and it is a good one. */
async function runs(agent: string, exchange: string): Promise<void> {
  await eventually(`${exchange} to get done`, 60_000, async () => {
    const { answer } = await rig.json(['job', 'list', '--exchange', exchange, '--limit', '1'], {
      env: { QZ_CONFIG: `${agent}.yaml` },
    });
    return answer.jobs[0]?.state === 'done' || undefined;
  });
}

/** Everything of a table arrived as it is, no more and no less. */
async function arrives(code: Resource): Promise<void> {
  const { state, problem } = await rig.run('sw', `pull-${code}`);
  expect(state, JSON.stringify(problem)).toBe('done');
  same(code);
}

function same(code: Resource): void {
  expect(rowsOf(rig.at('own.sqlite'), code, columns)).toEqual(rowsOf(rig.at('legacy.sqlite'), code, columns));
}

async function supplied(code: Resource): Promise<void> {
  const { state, problem } = await rig.run('mz', `supply-${code}`);
  expect(state, JSON.stringify(problem)).toBe('done');
}

async function signIn(account: string): Promise<void> {
  await writeFile(rig.at('password'), PASSWORD, { mode: 0o600 });
  const { code } = await rig.qz([
    'login',
    '--url',
    rig.url,
    '--account',
    account,
    '--password-file',
    'password',
  ]);
  expect(code).toBe(0);
}

describe('a job', () => {
  it('of a paused exchange', async () => {
    const { err } = await rig.qz(['job', 'pause', 'supply-paused', '--config', 'mz.yaml']);
    const [, told] = /with: (qianzhi .*)/.exec(err)!;
    const refused = await rig.json(['job', 'run', 'supply-paused', '--config', 'mz.yaml']);
    expect(refused).toMatchObject({ code: 6, answer: { error: { code: 'QZ_ENGINE_EXCHANGE_PAUSED' } } });
    expect(commandsIn(refused.answer.error.hint)).toEqual([told]);
    await paste(told!, 'mz');
    await supplied('paused');
    await arrives('paused');
  });

  it('that was cancelled', async () => {
    // behind a lock of the source, so that it can be met before it ends
    const lock = new Database(rig.at('legacy.sqlite'));
    lock.exec('BEGIN EXCLUSIVE');
    const { job } = await stops('mz', 'supply-cancelled', 'QZ_SQLITE_BUSY', 'waiting');
    await rig.qz(['job', 'cancel', job.id, '--config', 'mz.yaml']);
    const answer = await eventually('the job to be cancelled', 30_000, async () => {
      const now = (await rig.json(['job', 'status', job.id, '--config', 'mz.yaml'])).answer;
      return now.state === 'cancelled' ? now : undefined;
    });
    lock.exec('ROLLBACK');
    lock.close();
    expect(answer.restart).toBe(`qianzhi job retry ${job.id}`);
    await paste(answer.restart, 'mz');
    await runs('mz', 'supply-cancelled');
    await arrives('cancelled');
  });

  it('that failed for what was mended since: by its own command, and by the one without an id', async () => {
    for (const command of [undefined, 'qianzhi job retry']) {
      change('ALTER TABLE lost_table RENAME TO elsewhere');
      await rig.qz(['stream', 'resume', '--config', 'mz.yaml']);
      const { restart } = await stops(
        'mz',
        'supply-lost_table',
        command ? 'QZ_ENGINE_DRIFT' : 'QZ_SQLITE_TABLE_MISSING',
      );
      change('ALTER TABLE elsewhere RENAME TO lost_table');
      await paste(restart, 'mz');
      await runs('mz', 'supply-lost_table');
      await arrives('lost_table');
    }
  });

  it('that waits for a locked database goes on by itself, and at once by its command', async () => {
    const lock = new Database(rig.at('legacy.sqlite'));
    lock.exec('BEGIN EXCLUSIVE');
    const { restart } = await stops('mz', 'supply-locked', 'QZ_SQLITE_BUSY', 'waiting');
    lock.exec('ROLLBACK');
    lock.close();
    await paste(restart, 'mz');
    await runs('mz', 'supply-locked');
    await arrives('locked');
  });

  it('without an order to supply', async () => {
    const { commands } = await stops('mz', 'supply-unordered', 'QZ_ENGINE_NO_DUTY');
    await rig.publish(resourceOf('unordered', [{ column: 'code' }, { column: 'name' }]), 'mz');
    await rig.subscribe('unordered');
    await rig.qz(['agent', 'sync', '--config', 'mz.yaml']);
    await rig.qz(['agent', 'sync', '--config', 'sw.yaml']);
    await paste(commands.at(-1)!, 'mz');
    await runs('mz', 'supply-unordered');
    await arrives('unordered');
  });
});

describe('rejected rows', () => {
  it('above the limit stop the exchange until the rows are right', async () => {
    change(`UPDATE rejected SET name = '${'x'.repeat(21)}'`);
    const { commands, restart } = await stops('mz', 'supply-rejected', 'QZ_ENGINE_REJECT_LIMIT');
    expect(commands).toEqual(['qianzhi quarantine list', 'qianzhi job resume supply-rejected']);
    expect(restart).toBe('qianzhi job resume supply-rejected');
    await paste(commands[0]!, 'mz');
    change(`UPDATE rejected SET name = 'right'`);
    await paste(commands[1]!, 'mz');
    await runs('mz', 'supply-rejected');
    await arrives('rejected');
  });

  it('that fill the quarantine: export, then resume', async () => {
    await rig.enrol(
      'full',
      'mz',
      `limits: { quarantineRows: 5 }\nconnectors:\n  civil: { type: sqlite, path: ./full.sqlite }\nexchanges:\n  - { name: supply-full, supply: full, connector: civil, strategy: diff, source: { table: t }, rejectLimit: 1 }\n`,
    );
    sql(rig.at('full.sqlite'), 'CREATE TABLE t (code TEXT PRIMARY KEY, name TEXT)');
    const long = 'x'.repeat(21);
    insertRows(rig.at('full.sqlite'), 't', [
      ['1', 'good'],
      ['2', long],
      ['3', long],
    ]);
    await rig.publish(resourceOf('full', [{ column: 'code' }, { column: 'name' }]), 'full');
    await rig.startAgent('full');
    expect(await rig.run('full', 'supply-full')).toMatchObject({ state: 'done', summary: { rejected: 2 } });
    insertRows(rig.at('full.sqlite'), 't', [
      ['4', long],
      ['5', `${long}y`],
      ['6', 'good'],
    ]);
    const { commands } = await stops('full', 'supply-full', 'QZ_ENGINE_QUARANTINE_FULL');
    for (const command of commands) await paste(command, 'full');
    await runs('full', 'supply-full');
    expect((await rig.json(['stream', 'show', 'full', '--config', 'full.yaml'])).answer.head.seq).toBe(2);
    await rig.stopAgent('full');
  });
});

describe('a change of structure', () => {
  it('of the table pauses the stream: put back, and resume', async () => {
    await supplied('drifted');
    change('ALTER TABLE drifted RENAME COLUMN name TO title', `INSERT INTO drifted VALUES ('4', 'new')`);
    const { commands, restart } = await stops('mz', 'supply-drifted', 'QZ_ENGINE_DRIFT');
    expect(commands).toContain(restart);
    change('ALTER TABLE drifted RENAME COLUMN title TO name');
    await paste(restart, 'mz');
    await runs('mz', 'supply-drifted');
    await arrives('drifted');
  });

  it('of table and catalog: accept-schema', async () => {
    await supplied('grown');
    await arrives('grown');
    change('ALTER TABLE grown ADD COLUMN note TEXT', `UPDATE grown SET note = 'seen' WHERE code = '2'`);
    await rig.publish(
      resourceOf('grown', [{ column: 'code' }, { column: 'name' }, { column: 'note' }]),
      'mz',
    );
    for (const agent of ['mz', 'sw']) await rig.qz(['agent', 'sync', '--config', `${agent}.yaml`]);
    const { commands, restart } = await stops('mz', 'supply-grown', 'QZ_ENGINE_SCHEMA_CHANGED');
    expect(commands).toEqual([restart]);
    await paste(restart, 'mz');
    await runs('mz', 'supply-grown');
    await arrives('grown');
  });

  it('of the read strategy: resnapshot', async () => {
    await supplied('strategy');
    await rig.stopAgent('mz');
    const config = await readFile(rig.at('mz.yaml'), 'utf8');
    const before = 'strategy: diff, source: { table: strategy }';
    expect(config).toContain(before);
    const after = 'strategy: watermark, source: { table: strategy, watermark: { column: at } }';
    change(`ALTER TABLE strategy ADD COLUMN at TEXT`, `UPDATE strategy SET at = '2026-01-01 08:00:00'`);
    await writeFile(rig.at('mz.yaml'), config.replace(before, after));
    await rig.startAgent('mz');
    const { commands } = await stops('mz', 'supply-strategy', 'QZ_SQLITE_CHECKPOINT_UNKNOWN');
    await paste(commands.at(-1)!, 'mz');
    await runs('mz', 'supply-strategy');
    await arrives('strategy');
  });
});

describe('an agreement', () => {
  const matter = (command: string) => command.replace('MATTER', '税源管理');

  /** What a consumer of the department signs, from the hint; then what runs at the agent. */
  async function apply(commands: readonly string[]): Promise<void> {
    await signIn('consumer');
    await paste(matter(commands[0]!), 'sw');
    await rig.qz(['agent', 'sync', '--config', 'sw.yaml']);
    await paste(commands[1]!, 'sw');
  }

  it('that was never asked for', async () => {
    await supplied('ungranted');
    const { commands } = await stops('sw', 'pull-ungranted', 'QZ_ENGINE_NO_GRANT');
    await apply(commands);
    await runs('sw', 'pull-ungranted');
    same('ungranted');
  });

  it('that was revoked', async () => {
    await supplied('revoked');
    await arrives('revoked');
    const { agreements } = await rig
      .as('admin')
      .call(personRoutes.listAgreements, { query: { resource: 'revoked' } });
    const params = { id: agreements[0]!.id };
    await rig.as('approver').call(personRoutes.revoke, { params, body: { reason: '用途已结束' } });
    add('revoked', '4');
    await supplied('revoked');
    await rig.qz(['agent', 'sync', '--config', 'sw.yaml']);
    await eventually('the revocation to be carried out', 30_000, async () => {
      const { answer } = await rig.json(['stream', 'show', 'revoked', '--config', 'sw.yaml']);
      return answer.state === 'revoked' || undefined;
    });
    const { answer } = await rig.json(['stream', 'show', 'revoked', '--config', 'sw.yaml']);
    expect(answer.problem.code).toBe('QZ_ENGINE_REVOKED');
    await apply(commandsIn(answer.problem.texts.en.hint));
    await runs('sw', 'pull-revoked');
    same('revoked');
  });
});

describe('lost or damaged state', () => {
  it('an agent restored to an older state: recover', async () => {
    await supplied('behind');
    await rig.stopAgent('mz');
    await copyFolder(rig.at('mz-state'), rig.at('mz-backup'));
    await rig.startAgent('mz');
    add('behind', '4');
    await supplied('behind');
    await arrives('behind');
    await rig.stopAgent('mz', 'SIGKILL');
    await copyFolder(rig.at('mz-backup'), rig.at('mz-state'));
    await rig.startAgent('mz');
    add('behind', '5');
    const { commands, restart } = await stops('mz', 'supply-behind', 'QZ_ENGINE_STATE_BEHIND');
    expect(commands).toEqual([restart]);
    const refused = await rig.paste('qianzhi stream resume', 'mz');
    expect(refused.code, 'only a new epoch helps').toBe(9);
    expect(refused.err).toContain(restart);
    await paste(restart, 'mz');
    await runs('mz', 'supply-behind');
    await arrives('behind');
  });

  it('a batch in the outbox that was changed: recover', async () => {
    await rig.platform.stop();
    const job = await rig.run('mz', 'supply-outbox');
    expect(job, JSON.stringify(job)).toMatchObject({ state: 'waiting' });
    await rig.stopAgent('mz', 'SIGKILL');
    const { name } = await newest(join(rig.at('mz-state'), 'outbox'));
    await writeFile(name, 'not what was sealed');
    await rig.startPlatform(Number(new URL(rig.url).port));
    await rig.startAgent('mz');
    const { restart } = await stops('mz', 'supply-outbox', 'QZ_ENGINE_BATCH_FILE_BROKEN');
    await paste(restart, 'mz');
    await runs('mz', 'supply-outbox');
    await arrives('outbox');
  });

  async function damage(file: string): Promise<void> {
    const bytes = await readFile(file);
    bytes[bytes.length - 20]! ^= 1;
    await writeFile(file, bytes);
  }

  it('a batch at the platform that was changed: restored from a backup, and resume', async () => {
    await supplied('damaged');
    const { name } = await newest(join(rig.at('platform'), 'batches'));
    await damage(name);
    const { commands, restart } = await stops('sw', 'pull-damaged', 'QZ_PLATFORM_DELIVERY_DAMAGED');
    expect(commands[0]).toBe(restart);
    await damage(name); // the same bit again: as it was
    await paste(restart, 'sw');
    await runs('sw', 'pull-damaged');
    same('damaged');
  });

  it('a batch at the platform that was changed, and no backup: from the provider again', async () => {
    add('damaged', '4');
    await supplied('damaged');
    await damage((await newest(join(rig.at('platform'), 'batches'))).name);
    const { commands } = await stops('sw', 'pull-damaged', 'QZ_PLATFORM_DELIVERY_DAMAGED');
    const [, resnapshot, revoke, apply] = commands;
    await paste(resnapshot!, 'mz');
    await supplied('damaged');
    await signIn('approver');
    await paste(revoke!, 'sw');
    await signIn('consumer');
    await paste(apply!.replace('MATTER', '税源管理'), 'sw');
    await rig.qz(['agent', 'sync', '--config', 'sw.yaml']);
    await arrives('damaged');
  });
});

async function newest(folder: string): Promise<{ name: string }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const timed = await Promise.all(files.map(async (name) => ({ name, at: (await stat(name)).mtimeMs })));
  return timed.sort((a, b) => b.at - a.at)[0]!;
}

describe('a process', () => {
  it('platform out of reach: jobs wait and go on by themselves', async () => {
    await rig.platform.stop('SIGKILL');
    const { job } = await stops('mz', 'supply-offline', 'QZ_CLIENT_UNREACHABLE', 'waiting').catch(async () =>
      stops('mz', 'supply-offline', 'QZ_ENGINE_RECEIPT_MISSING', 'waiting'),
    );
    expect(job.restart).toBe(`qianzhi job retry ${job.id}`);
    await rig.startPlatform(Number(new URL(rig.url).port));
    await runs('mz', 'supply-offline');
    await arrives('offline');
  });

  it('an agent that does not run, and one that is not enrolled', async () => {
    await rig.stopAgent('sw');
    const asked = await rig.json(['job', 'list', '--config', 'sw.yaml']);
    expect(asked).toMatchObject({ code: 7, answer: { error: { code: 'QZ_AGENT_NOT_RUNNING' } } });
    expect(commandsIn(asked.answer.error.hint)).toEqual(['qianzhi agent start']);
    await rig.startAgent('sw');
    expect((await rig.qz(['job', 'list', '--config', 'sw.yaml'])).code).toBe(0);

    await rig.writeConfig('fresh', '');
    const start = await rig.json(['agent', 'start', '--config', 'fresh.yaml']);
    expect(start).toMatchObject({ code: 2, answer: { error: { code: 'QZ_AGENT_NOT_ENROLLED' } } });
    await rig.invite('fresh', 'sw');
    const [enroll] = commandsIn(start.answer.error.hint);
    await paste(enroll!.replace('FILE', 'fresh.token'), 'fresh');
    await rig.startAgent('fresh');
  });

  it('a revoked agent enrols again as its hints say', async () => {
    await rig.enrol('lost', 'sw', '');
    await rig
      .as('officer')
      .call(personRoutes.revokeAgent, { params: { agent: 'lost' }, body: { reason: 'lost' } });
    const start = await rig.json(['agent', 'start', '--config', 'lost.yaml']);
    expect(start.answer.error.code).toBe('QZ_PLATFORM_AGENT_REVOKED');
    await rig.invite('lost', 'sw');
    const [enroll] = commandsIn(start.answer.error.hint);
    const command = `${enroll} --token-file lost.token`;
    const again = await rig.paste(command, 'lost');
    expect(again.err).toContain('QZ_AGENT_ALREADY_ENROLLED');
    const [, identity] = /move (\S+) away/.exec(again.err)!;
    await access(identity!);
    await rename(identity!, `${identity}.old`);
    await paste(command, 'lost');
    await rig.startAgent('lost');
    await rm(`${identity}.old`);
  });
});

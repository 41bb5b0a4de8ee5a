import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describeWithPostgres } from '@qianzhi/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { demo, expectAllHolds, expectFound } from './demo-run.js';
import { eventually } from './program.js';

/** The demo between two PostgreSQL databases. Their owner's password has characters that an address must escape. */
describeWithPostgres('qianzhi demo on PostgreSQL', (superuser) => {
  const tag = `qz_demo_${process.pid}`;
  const password = 'pä/ß@w:%ord';
  const addressOf = (database: string) => {
    const url = new URL(superuser);
    return `postgres://${tag}:${encodeURIComponent(password)}@${url.host}/${database}`;
  };
  const [old, own] = [`${tag}_old`, `${tag}_own`] as const;

  async function asked(database: string, sql: string): Promise<string[]> {
    const url = new URL(superuser);
    url.pathname = `/${database}`;
    const client = new pg.Client(url.href);
    await client.connect();
    try {
      const { rows } = await client.query({ text: sql, rowMode: 'array' });
      return rows.map(([value]) => String(value));
    } finally {
      await client.end();
    }
  }
  const schemas = (database: string) =>
    asked(database, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'qianzhi%' ORDER BY 1");

  beforeAll(async () => {
    await asked('postgres', `CREATE ROLE ${tag} LOGIN PASSWORD '${password}'`);
    for (const name of [old, own]) await asked('postgres', `CREATE DATABASE ${name} OWNER ${tag}`);
  });
  afterAll(async () => {
    for (const name of [old, own]) await asked('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await asked('postgres', `DROP ROLE IF EXISTS ${tag}`);
  });
  beforeEach(async () => {
    for (const name of [old, own]) expect(await schemas(name)).toEqual([]);
  });

  it('carries every row and leaves nothing behind, the password nowhere', { timeout: 300_000 }, async () => {
    const answer = await demo(['--source', addressOf(old), '--target', addressOf(own)]);
    expectAllHolds(answer);
    for (const name of [old, own]) expect(await schemas(name)).toEqual([]);
    for (const secret of [password, encodeURIComponent(password)]) {
      expect(answer.out + answer.err).not.toContain(secret);
    }
  });

  it('with the target alone finds a changed row; a schema of an earlier run goes only when told', {
    timeout: 300_000,
  }, async () => {
    await asked(own, `CREATE SCHEMA qianzhi_demo_target AUTHORIZATION ${tag}`);
    await asked(own, 'CREATE TABLE qianzhi_demo_target.kept AS SELECT 1 AS one');
    await asked(own, `ALTER TABLE qianzhi_demo_target.kept OWNER TO ${tag}`);
    const env = { QZ_DEMO_TARGET: addressOf(own) };
    const refused = await demo([], env);
    expect(refused).toMatchObject({ code: 6, result: { error: { code: 'QZ_DEMO_SCHEMA_EXISTS' } } });
    expect(await asked(own, 'SELECT one FROM qianzhi_demo_target.kept')).toEqual(['1']);
    expectFound('row', await demo(['--quick', '--replace', '--tamper', 'row'], env));
    expect(await schemas(own)).toEqual([]);
  });

  it('with the source alone and --keep leaves all running, the password in no command line', {
    timeout: 300_000,
  }, async () => {
    const answer = await demo(['--quick', '--keep'], { QZ_DEMO_SOURCE: addressOf(old) });
    const folder = /folder: +(\S+)/.exec(answer.err)![1]!;
    const pids = /\(kill ([\d ]+)\)/.exec(answer.err)![1]!.split(' ').map(Number);
    try {
      expectAllHolds(answer, 'quick');
      expect(await schemas(old)).toEqual(['qianzhi_demo_source']);
      expect(await schemas(own)).toEqual([]);
      const [program, ...tried] = /try: +(.+)/.exec(answer.err)![1]!.split(' ');
      expect((await promisify(execFile)(program!, tried, { cwd: folder })).stdout).toContain(
        'supply-village',
      );
      expect(pids).toHaveLength(3);
      for (const pid of process.platform === 'linux' ? pids : []) {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8');
        for (const secret of [password, encodeURIComponent(password)]) expect(line).not.toContain(secret);
      }
    } finally {
      for (const pid of pids) process.kill(pid);
      await eventually('the kept processes to end', 20_000, () => pids.every(isGone) || undefined);
      await rm(folder, { recursive: true });
      await asked(old, 'DROP SCHEMA qianzhi_demo_source CASCADE');
    }
  });

  it('leaves a schema alone that others build on', async () => {
    await asked(old, `CREATE SCHEMA qianzhi_demo_source AUTHORIZATION ${tag}`);
    await asked(old, 'CREATE TABLE qianzhi_demo_source.kept AS SELECT 1 AS one');
    await asked(old, `ALTER TABLE qianzhi_demo_source.kept OWNER TO ${tag}`);
    await asked(old, 'CREATE VIEW public.theirs AS SELECT one FROM qianzhi_demo_source.kept');
    const refused = await demo(['--source', addressOf(old), '--replace']);
    expect(refused).toMatchObject({ code: 6, result: { error: { code: 'QZ_DEMO_SCHEMA_IN_USE' } } });
    expect(await asked(old, 'SELECT one FROM public.theirs')).toEqual(['1']);
    await asked(old, 'DROP SCHEMA qianzhi_demo_source CASCADE');
  });
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true; // no such process
  }
}

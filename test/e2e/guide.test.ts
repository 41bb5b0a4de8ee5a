import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithPostgres } from '@qianzhi/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../services/free-port.js';
import { type PostgresServer, startPostgres } from '../services/postgres.js';
import { readGuide, root, scriptOf } from './guide/read-guide.js';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const guide = readGuide('README.md');
/** By the archive, whose own test is test/e2e/bundle; from the sources, which this suite itself runs on. */
const [byArchive, fromSources, ...rest] = guide;
const built = 'npm ci\nnpm run build\n';

describe('the guide', () => {
  it('has the same blocks in both languages', () => {
    expect(readGuide('README.zh-CN.md')).toEqual(guide);
  });

  it('begins with the installation, by the archive or from the sources', () => {
    expect(byArchive?.text).toMatch(/^tar -xzf \S+\nsudo sh \S+\/install\.sh\nexport QIANZHI=\S+\n$/);
    expect(fromSources?.text.startsWith(`${built}export QIANZHI="$PWD"`)).toBe(true);
    expect(rest.length).toBeGreaterThan(10);
  });
});

const hasPsql =
  process.env.QZ_REQUIRE_SERVICES === '1' || spawnSync('psql', ['--version']).error === undefined;
const where = hasPsql ? '' : ' (no psql on this machine)';

describe.skipIf(!hasPsql)(`from nothing to two agents${where}`, () => {
  describeWithPostgres('the guide as it stands', () => {
    const administrator = 'the administrator';
    let server: PostgresServer;
    let home: string;
    let run: Run;

    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'qianzhi-guide-'));
      server = await startPostgres(); // of its own: the guide makes databases and logins by fixed names
      await query('postgres', `CREATE ROLE postgres SUPERUSER LOGIN PASSWORD '${administrator}'`);
      const ports = { 5432: new URL(server.url).port, 8340: String(await freePort()) };
      // the guide's own words on another port: change it wherever it stands
      const place = { kind: 'commands', text: fromSources!.text.slice(built.length) } as const;
      const script = scriptOf([place, ...rest]).replace(
        /\b(5432|8340)\b/g,
        (port) => ports[port as '5432' | '8340'],
      );
      run = await runScript(script, { HOME: home, PGPASSWORD: administrator, QZ_LANG: 'en' });
    });
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    });

    async function query(database: string, sql: string): Promise<(string | null)[][]> {
      const url = new URL(server.url);
      url.pathname = `/${database}`;
      const client = new pg.Client(url.href);
      await client.connect();
      try {
        return (await client.query({ text: sql, rowMode: 'array' })).rows;
      } finally {
        await client.end();
      }
    }

    it('comes to its end without an error', () => {
      expect(run.code, run.output).toBe(0);
      expect(run.output).not.toContain('✗');
    });

    it('has brought every row, and the changed one', async () => {
      const source = await query('civil', 'SELECT code, name, city, province FROM area ORDER BY code');
      const target = await query(
        'tax',
        'SELECT code, name, city_code, province_code FROM received.area ORDER BY code',
      );
      expect(source.length).toBeGreaterThan(2_900);
      expect(target).toEqual(source);
      expect(target[0]![1]).toMatch(/\(改\)$/);
      const ledger = await query(
        'tax',
        'SELECT kind, sum FROM (SELECT 1 AS kind, sum(updated) FROM received.qianzhi_ledger) l',
      );
      expect(ledger).toEqual([[1, '1']]);
    });

    it('has verified the receipts of both agents, and tried source and target', () => {
      expect(run.output.match(/✓ all \d+ receipts hold/g)).toHaveLength(2);
      expect(run.output).toMatch(/✓ source supply-area/);
      expect(run.output).toMatch(/✓ target pull-area/);
    });

    it('works with logins that may do no more than they need', async () => {
      const may = (role: string, what: string) =>
        `has_database_privilege('${role}', current_database(), '${what}')`;
      const asked = async (database: string, ...what: string[]) =>
        (await query(database, `SELECT ${what.join(', ')}`))[0];
      expect(
        await query(
          'postgres',
          `SELECT rolname FROM pg_roles WHERE rolname LIKE 'qz\\_%'
        AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)`,
        ),
      ).toEqual([]);
      expect(
        await asked('civil', may('qz_read', 'CREATE'), "has_table_privilege('qz_read', 'area', 'UPDATE')"),
      ).toEqual([false, false]);
      expect(await asked('tax', may('qz_write', 'CREATE'), may('qz_read', 'CONNECT'))).toEqual([
        false,
        false,
      ]);
      expect(await asked('exchange', may('qz_platform', 'TEMPORARY'), may('qz_write', 'CONNECT'))).toEqual([
        false,
        false,
      ]);
    });

    it('shows no password', async () => {
      const names = ['platform-db', 'mz/civil', 'sw/tax', 'officer', 'li', 'zhao', 'wang'];
      const logs = ['platform.log', 'mz/agent.log', 'sw/agent.log'];
      const read = (file: string) => readFile(join(home, 'exchange', file), 'utf8');
      const shown = [run.output, ...(await Promise.all(logs.map(read)))].join('\n');
      for (const name of names) expect(shown).not.toContain((await read(`${name}.pw`)).trim());
    });
  });
});

interface Run {
  readonly code: number | null;
  readonly output: string;
}

const DEADLINE_MS = 240_000;

/** A shell of one's own that stops at the first command that fails; whatever it started ends with it. */
async function runScript(script: string, env: Readonly<Record<string, string>>): Promise<Run> {
  const shell = spawn('bash', ['-e', '-u', '-c', script], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own
  });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const endGroup = () => {
    try {
      process.kill(-shell.pid!, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // all have ended
    }
  };
  const timer = setTimeout(endGroup, DEADLINE_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    shell.once('error', reject);
    shell.once('exit', resolve);
  });
  clearTimeout(timer);
  endGroup();
  return { code, output };
}

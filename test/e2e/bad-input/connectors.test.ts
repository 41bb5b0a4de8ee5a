import { chmod } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { sql } from '../../fixtures/tables.js';
import { createRig, type Rig } from '../rig.js';
import { fails, jobFails, showsNoSecret } from './refusals.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  sql(
    rig.at('legacy.sqlite'),
    'CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT)',
    'CREATE TABLE narrow (code TEXT PRIMARY KEY)',
    'CREATE TABLE typed (code TEXT PRIMARY KEY, amount BLOB)',
  );
  await rig.enrol('mz', 'mz', agentConfig);
  for (const code of ['town', 'gone', 'missing', 'narrow'])
    await rig.publish(resourceOf(code, [{ column: 'code' }, { column: 'name' }]), 'mz');
  const amount = { column: 'amount', type: 'N' as const, length: 10, scale: 2 };
  await rig.publish(resourceOf('typed', [{ column: 'code' }, amount]), 'mz');
  await rig.startAgent('mz');
});

const agentConfig = `connectors:
  civil: { type: sqlite, path: ./legacy.sqlite, readOnly: true }
  gone: { type: sqlite, path: ./nowhere/none.sqlite, readOnly: true }
  closed: { type: sqlite, path: ./closed.sqlite, readOnly: true }
exchanges:
  - { name: supply-town, supply: town, connector: civil, source: { table: town } }
  - { name: supply-gone, supply: gone, connector: gone, source: { table: town } }
  - { name: supply-missing, supply: missing, connector: civil, source: { table: no_such_table } }
  - { name: supply-narrow, supply: narrow, connector: civil, source: { table: narrow } }
  - { name: supply-typed, supply: typed, connector: civil, source: { table: typed } }
`;

afterAll(async () => {
  await rig?.close();
});

describe('a connector that cannot be used', () => {
  const env = { QZ_CONFIG: 'mz.yaml' };

  it('wrong path', async () => {
    const expected = {
      code: 'QZ_SQLITE_FILE_MISSING',
      exit: 5,
      names: ['nowhere/none.sqlite', 'config validate'],
    };
    await fails(rig, ['connector', 'check', 'gone', '--config', 'mz.yaml'], expected);
    await jobFails(rig, 'supply-gone', expected);
  });

  it('a connector the config does not have', async () => {
    await fails(rig, ['connector', 'check', 'other', '--config', 'mz.yaml'], {
      code: 'QZ_AGENT_CONNECTOR_UNKNOWN',
      exit: 5,
      names: ['other', 'civil'],
    });
  });

  it('missing table', async () => {
    await jobFails(rig, 'supply-missing', {
      code: 'QZ_SQLITE_TABLE_MISSING',
      exit: 2,
      names: ['no_such_table', 'connector discover'],
    });
  });

  it('catalog item without a column in the table', async () => {
    await jobFails(rig, 'supply-narrow', {
      code: 'QZ_SQLITE_COLUMN_MISSING',
      exit: 2,
      names: ['narrow', 'name', 'columns'],
    });
  });

  it('a column of a type that does not fit', async () => {
    await jobFails(rig, 'supply-typed', {
      code: 'QZ_SQLITE_TYPE_UNFIT',
      exit: 2,
      names: ['typed', 'amount', 'BLOB'],
    });
  });

  it('missing permission, as a user that may not read the file', async (context) => {
    // Root may read everything: only as another user is this real.
    if (process.getuid?.() !== 0) return context.skip();
    sql(rig.at('closed.sqlite'), 'CREATE TABLE t (a TEXT)');
    await chmod(rig.at('closed.sqlite'), 0o600);
    await chmod(rig.folder, 0o755);
    await chmod(rig.at('mz.yaml'), 0o644);
    await fails(
      rig,
      ['connector', 'check', 'closed', '--config', 'mz.yaml'],
      { code: 'QZ_SQLITE_NO_PERMISSION', exit: 2, names: ['closed.sqlite'] },
      { uid: 65_534 },
    );
    await fails(
      rig,
      ['agent', 'start', '--config', 'mz.yaml'],
      {
        code: 'QZ_AGENT_IDENTITY_UNREADABLE',
        exit: 2,
        names: ['identity.json', /permission denied|没有权限/],
      },
      { uid: 65_534 },
    );
  });

  it('the names of a job, an exchange and a stream that are not there', async () => {
    const known = { code: 'QZ_ENGINE_EXCHANGE_UNKNOWN', exit: 5, names: ['no-such', 'supply-town'] };
    await fails(rig, ['job', 'run', 'no-such', '--config', 'mz.yaml'], known);
    await fails(rig, ['job', 'status', 'no-such', '--config', 'mz.yaml'], {
      code: 'QZ_ENGINE_JOB_UNKNOWN',
      exit: 5,
      names: ['no-such', 'job list'],
    });
    await fails(rig, ['stream', 'resume', 'no-such', '--config', 'mz.yaml'], {
      code: 'QZ_ENGINE_STREAM_UNKNOWN',
      exit: 5,
      names: ['no-such', 'stream list'],
    });
    expect((await rig.qz(['job', 'list'], { env })).code).toBe(0);
  });
});

it('no secret in any output', () => showsNoSecret(rig));

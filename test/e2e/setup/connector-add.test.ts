import { mkdir, readFile } from 'node:fs/promises';
import { describeWithPostgres } from '@qianzhi/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { sql } from '../../fixtures/tables.js';
import type { Refusal } from '../rig.js';
import { type AgentFolder, agentFolder } from './agent-folder.js';
import { DOWN, ENTER, inTerminal } from './terminal.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let here: AgentFolder;
beforeEach(async () => {
  here = await agentFolder();
  sql(here.at('legacy.sqlite'), 'CREATE TABLE town (code TEXT PRIMARY KEY)');
});
afterEach(() => here.remove());

const ADD = ['connector', 'add'];
const civil = [...ADD, '--type', 'sqlite', '--name', 'civil', '--set', 'path=./legacy.sqlite'];

describe('connector add by flags', () => {
  it('writes the block and leaves every other line as it was', async () => {
    const before = await here.config();
    const { code, answer } = await here.json<object>([...civil, '--set', 'readOnly=true']);
    expect({ code, answer }).toMatchObject({
      code: 0,
      answer: { connector: 'civil', secretFiles: [], report: { version: expect.stringMatching(/^3\./) } },
    });
    const after = await here.config();
    expect(parse(after).connectors).toEqual({
      civil: { type: 'sqlite', path: './legacy.sqlite', readOnly: true },
    });
    const lines = before.replace('connectors: {}', 'connectors:').split('\n');
    expect(after.split('\n').filter((line) => lines.includes(line))).toEqual(lines);
    expect((await here.qz(['config', 'validate'])).code).toBe(0);
    expect((await here.qz(['connector', 'check', 'civil'])).code).toBe(0);
  });

  it.each([
    ['a name that is taken', ['--name', 'civil', '--set', 'path=./legacy.sqlite'], 6, 'QZ_AGENT_NAME_TAKEN'],
    ['a name that is none', ['--name', 'a b', '--set', 'path=./legacy.sqlite'], 2, 'QZ_AGENT_NAME_WRONG'],
    ['a check that fails', ['--name', 'tax', '--set', 'path=./none.sqlite'], 5, 'QZ_SQLITE_FILE_MISSING'],
    ['a field that is missing', ['--name', 'tax'], 2, 'QZ_CLI_INPUT_NEEDED'],
    ['a field that is none', ['--name', 'tax', '--set', 'paht=x'], 2, 'QZ_CLI_SET_UNKNOWN'],
    ['a value that does not fit', ['--name', 'tax', '--set', 'busyTimeoutMs=soon'], 2, 'QZ_CLI_SET_WRONG'],
    ['no value at all', ['--name', 'tax', '--set', 'path'], 2, 'QZ_CLI_SET_WRONG'],
    [
      'values that contradict',
      ['--name', 'tax', '--set', 'path=x', '--set', 'create=true', '--set', 'readOnly=true'],
      2,
      'QZ_SQLITE_OPTIONS_CONTRADICT',
    ],
    ['no name', ['--set', 'path=x'], 2, 'QZ_CLI_INPUT_NEEDED'],
  ])('%s: nothing is written', async (_, flags, exit, expected) => {
    expect((await here.qz(civil)).code).toBe(0);
    const before = await here.everything();
    const { code, answer } = await here.json<Refusal>([...ADD, '--type', 'sqlite', ...flags]);
    expect({ code, error: answer.error.code }).toEqual({ code: exit, error: expected });
    expect(await here.everything()).toEqual(before);
  });

  it('without a check writes what does not work yet', async () => {
    const flags = ['--type', 'sqlite', '--name', 'tax', '--set', 'path=./later.sqlite', '--no-check'];
    const { code, answer } = await here.json<object>([...ADD, ...flags]);
    expect({ code, answer }).toMatchObject({ code: 0, answer: { report: null } });
    expect(parse(await here.config()).connectors.tax.path).toBe('./later.sqlite');
  });

  it('says which types there are', async () => {
    const { answer } = await here.json<Refusal>([...ADD, '--type', 'sqlit', '--name', 'a']);
    expect(answer.error).toMatchObject({ code: 'QZ_PLUGIN_UNKNOWN' });
    expect(answer.error.message + answer.error.hint).toMatch(/postgres.*sqlite/);
  });
});

/** A plugin of somebody else, as it lies in a folder: its schema is all that is known of it. */
const plugin = `export default {
  name: 'qianzhi-connector-depot', type: 'depot', apiVersion: 1,
  role: {
    kind: 'connector', sourceSchema: { type: 'object' }, targetSchema: { type: 'object' },
    configSchema: {
      type: 'object', required: ['shelf', 'pin'], additionalProperties: false,
      properties: {
        shelf: { type: 'integer', minimum: 1, description: '架号 / number of the shelf' },
        light: { anyOf: [{ const: 'on' }, { const: 'off' }], default: 'on' },
        pin: { type: 'string', minLength: 4, secret: true },
        note: { type: 'string', default: '' },
      },
    },
    capabilities: { read: [], seesDeletes: [], snapshotConsistency: 'none', write: [], atomicity: 'none', transactionalDdl: false, emptyStringIsNotNull: true, files: false },
    async open(config) {
      if (config.pin !== 'pin-4711') throw new Error('wrong pin');
      return {
        check: async () => ({ server: 'depot ' + config.shelf + ' ' + config.light, version: '1', notes: [] }),
        discover: async () => [], source() {}, sink() {}, async [Symbol.asyncDispose]() {},
      };
    },
  },
};
`;

describe('connector add at a terminal', () => {
  it('asks for what the schema of any plugin names, the secret hidden', async () => {
    await mkdir(here.at('depot'));
    await here.write('depot/index.js', plugin);
    const block = { kind: 'connector', type: 'depot', sides: 'agent', apiVersion: 1, entry: './index.js' };
    await here.write(
      'depot/package.json',
      JSON.stringify({ name: 'qianzhi-depot', type: 'module', qianzhi: block }),
    );
    await here.write('agent.yaml', `${await here.config()}plugins: [./depot]\n`);
    const { code, shown } = await inTerminal(
      ADD,
      [
        { at: 'type of the connector', type: 'depot' },
        { at: '❯ depot', type: ENTER },
        { at: 'a name of your own', type: `store${ENTER}` },
        { at: 'number of the shelf', type: `7${ENTER}` },
        { at: 'light', type: DOWN + ENTER },
        { at: 'pin', type: `pin-4711${ENTER}` },
        { at: 'change any?', type: ENTER },
      ],
      here.folder,
    );
    expect(code, shown).toBe(0);
    expect(shown).toContain('✓ store  depot 7 off 1');
    expect(shown).not.toContain('pin-4711');
    expect(parse(await here.config()).connectors.store).toEqual({
      type: 'depot',
      shelf: 7,
      light: 'off',
      pin: '${file:./store.pin.secret}',
    });
    expect(await readFile(here.at('store.pin.secret'), 'utf8')).toBe('pin-4711\n');
    expect(await here.mode('store.pin.secret')).toBe('600');
  });

  it('offers to correct what does not work, and Ctrl-C leaves all as it was', async () => {
    const before = await here.everything();
    const { code, shown } = await inTerminal(
      [...ADD, '--type', 'sqlite', '--name', 'civil'],
      [
        { at: 'path of the database file', type: `./none.sqlite${ENTER}` },
        { at: 'change any?', type: ENTER },
        { at: 'try again?', type: ENTER },
        { at: 'path of the database file', type: '\u0003' },
      ],
      here.folder,
    );
    expect(code, shown).toBe(130);
    expect(shown).toContain('QZ_SQLITE_FILE_MISSING');
    expect(await here.everything()).toEqual(before);
  });
});

describeWithPostgres('connector add with a login', (url) => {
  const server = new URL(url);
  const flags = (name: string) => [
    ...[...ADD, '--type', 'postgres', '--name', name, '--set', `host=${server.hostname}`],
    ...['--set', `port=${server.port}`, '--set', 'database=postgres', '--set', `user=${server.username}`],
  ];

  it('keeps the secret in a file of its own and shows it nowhere', async () => {
    await here.write('pw', `${server.password}\n`);
    const { code, out, err } = await here.qz([...flags('civil'), '--secret-file', 'pw']);
    expect(code, err).toBe(0);
    expect(await here.mode('civil.password.secret')).toBe('600');
    expect(await readFile(here.at('civil.password.secret'), 'utf8')).toBe(`${server.password}\n`);
    const config = await here.config();
    expect(parse(config).connectors.civil.password).toBe('${file:./civil.password.secret}');
    expect(config + out + err).not.toContain(server.password);
    expect((await here.qz(['connector', 'check', 'civil'])).code).toBe(0);
  });

  it('takes no secret from the command line, but where it is to be found', async () => {
    const { code, answer } = await here.json<Refusal>([...flags('civil'), '--set', 'password=so-Secret-77']);
    expect({ code, error: answer.error.code }).toEqual({ code: 2, error: 'QZ_CLI_SECRET_IN_ARGUMENT' });
    expect(JSON.stringify(answer)).not.toContain('so-Secret-77');
    await here.write('pw', server.password);
    const referred = await here.qz([...flags('civil'), '--set', 'password=${file:./pw}']);
    expect(referred.code, referred.err).toBe(0);
    expect(parse(await here.config()).connectors.civil.password).toBe('${file:./pw}');
  });

  it('writes nothing where the login is refused', async () => {
    await here.write('pw', 'wrong-Password-1');
    const before = await here.everything();
    const { code, out, err } = await here.qz([...flags('civil'), '--secret-file', 'password=pw']);
    expect(code, err).toBe(3);
    expect(out + err).not.toContain('wrong-Password-1');
    expect(await here.everything()).toEqual(before);
  });

  it('never overwrites a secret file', async () => {
    await here.write('pw', server.password);
    await here.write('civil.password.secret', 'of somebody');
    const { code, answer } = await here.json<Refusal>([...flags('civil'), '--secret-file', 'pw']);
    expect({ code, error: answer.error.code }).toEqual({ code: 6, error: 'QZ_AGENT_SECRET_FILE_EXISTS' });
    expect(await readFile(here.at('civil.password.secret'), 'utf8')).toBe('of somebody');
  });
});

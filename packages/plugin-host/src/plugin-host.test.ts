import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isQianzhiError, type QianzhiError } from '@qianzhi/model';
import { Type } from '@qianzhi/model/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPluginHost, installationRoots, type PluginHostOptions } from './index.js';

let folder: string;
let root: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qianzhi-plugins-'));
  root = join(folder, 'node_modules');
  await mkdir(root);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const block = { kind: 'connector', type: 'ledgerbase', sides: 'agent', apiVersion: 1, entry: './entry.js' };

const goodEntry = `globalThis.loadedPlugins = (globalThis.loadedPlugins ?? 0) + 1;
export default {
  name: 'Ledgerbase', type: 'ledgerbase', apiVersion: 1,
  role: { kind: 'connector', configSchema: {}, sourceSchema: {}, targetSchema: {}, capabilities: {}, open() {} },
};`;

interface PackageParts {
  readonly block?: unknown;
  readonly entry?: string | undefined;
}

async function install(name: string, parts: PackageParts = {}, under = root): Promise<string> {
  const place = join(under, name);
  await mkdir(place, { recursive: true });
  const manifest = {
    name,
    version: '1.2.3',
    type: 'module',
    qianzhi: 'block' in parts ? parts.block : block,
  };
  await writeFile(join(place, 'package.json'), JSON.stringify(manifest));
  const entry = 'entry' in parts ? parts.entry : goodEntry;
  if (entry !== undefined) await writeFile(join(place, 'entry.js'), entry);
  return place;
}

const open = (options: Partial<PluginHostOptions> = {}) =>
  createPluginHost({ roots: [root], side: 'agent', ...options });

async function refusal(work: () => Promise<unknown>): Promise<QianzhiError> {
  const error = await work().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isQianzhiError(error)) throw new Error(`expected a QianzhiError, got ${error}`);
  expect(error.kind).toBe('config');
  return error;
}

describe('finding plugins', () => {
  it('finds packages with a block under the known names, and runs none of their code', async () => {
    await install('@qianzhi/connector-a', {
      block: { ...block, type: 'a' },
      entry: 'throw new Error("ran")',
    });
    await install('qianzhi-plugin-b', { block: { ...block, type: 'b', kind: 'mode' } });
    await install('@someone/qianzhi-connector-c', { block: { ...block, type: 'c' } });
    await install('@qianzhi/model', { block: undefined });
    await install('left-pad', { block: { ...block, type: 'd' } });
    const host = await open();
    expect(host.list().map(({ kind, type }) => `${kind} ${type}`)).toEqual([
      'connector a',
      'connector c',
      'mode b',
    ]);
    expect(host.list()[0]).toMatchObject({
      packageName: '@qianzhi/connector-a',
      version: '1.2.3',
      sides: 'agent',
    });
  });

  it('finds a plugin by a path, and the same package by two ways only once', async () => {
    const outside = await install('anything', {}, join(folder, 'elsewhere'));
    await symlink(outside, join(root, 'qianzhi-ledgerbase'));
    const host = await open({ paths: [outside], roots: [root, join(folder, 'not-there')] });
    expect(host.list()).toHaveLength(1);
  });

  it('refuses a path without a plugin, and two plugins of one type', async () => {
    expect((await refusal(() => open({ paths: [join(folder, 'nowhere')] }))).code).toBe(
      'QZ_PLUGIN_PATH_WRONG',
    );
    await install('qianzhi-one');
    await install('qianzhi-two');
    const error = await refusal(() => open());
    expect(error.code).toBe('QZ_PLUGIN_DUPLICATE');
    expect(error.message).toMatch(/qianzhi-one.*qianzhi-two/);
  });

  it('finds several plugins of one package, each with an entry of its own', async () => {
    const place = await install('qianzhi-ledgerbase', {
      block: [block, { ...block, type: 'ledgerbase-old', entry: './old.js' }],
    });
    const quiet = goodEntry.slice(goodEntry.indexOf('export'));
    await writeFile(join(place, 'old.js'), quiet.replace("type: 'ledgerbase'", "type: 'ledgerbase-old'"));
    const host = await open();
    expect(host.list().map(({ type }) => type)).toEqual(['ledgerbase', 'ledgerbase-old']);
    expect((await host.load('connector', 'ledgerbase-old')).type).toBe('ledgerbase-old');
  });

  it('refuses a wrong block, naming file and place', async () => {
    await install('qianzhi-odd', { block: { ...block, sides: 'everywhere' } });
    const error = await refusal(() => open());
    expect(error.code).toBe('QZ_PLUGIN_BLOCK_WRONG');
    expect(error.details).toMatchObject({ file: join(root, 'qianzhi-odd', 'package.json'), where: '/sides' });
  });

  it('sees the plugins of the workspace it runs in', async () => {
    const host = await open({ roots: await installationRoots(import.meta.url) });
    expect(host.list().map((plugin) => plugin.packageName)).toContain('@qianzhi/connector-sqlite');
  });
});

describe('loading plugins', () => {
  it('imports the asked type alone, once', async () => {
    await install('qianzhi-ledgerbase');
    await install('qianzhi-broken', { block: { ...block, type: 'broken' }, entry: 'throw new Error("ran")' });
    const host = await open();
    const [first, second] = await Promise.all([
      host.load('connector', 'ledgerbase'),
      host.load('connector', 'ledgerbase'),
    ]);
    expect(first.name).toBe('Ledgerbase');
    expect(second).toBe(first);
    expect((globalThis as { loadedPlugins?: number }).loadedPlugins).toBe(1);
  });

  it('names the types that are there when one is not', async () => {
    await install('qianzhi-ledgerbase');
    const host = await open();
    const error = await refusal(() => host.load('connector', 'oracle'));
    expect(error.code).toBe('QZ_PLUGIN_UNKNOWN');
    expect(error.details).toMatchObject({ type: 'oracle', known: 'ledgerbase' });
    expect((await refusal(() => host.load('mode', 'ledgerbase'))).code).toBe('QZ_PLUGIN_UNKNOWN');
  });

  const refused: [what: string, code: string, parts: PackageParts][] = [
    ['another API version', 'QZ_PLUGIN_API_VERSION', { block: { ...block, apiVersion: 2 } }],
    ['a plugin for the other side', 'QZ_PLUGIN_SIDE', { block: { ...block, sides: 'platform' } }],
    ['a missing entry', 'QZ_PLUGIN_ENTRY_MISSING', { entry: undefined }],
    [
      'an entry outside the package',
      'QZ_PLUGIN_ENTRY_MISSING',
      { block: { ...block, entry: './../qianzhi-other/x.js' } },
    ],
    ['an entry that throws', 'QZ_PLUGIN_ENTRY_FAILED', { entry: 'throw new Error("no driver here")' }],
    ['an entry without a plugin', 'QZ_PLUGIN_ENTRY_WRONG', { entry: 'export const plugin = {}' }],
    ['another type than the package says', 'QZ_PLUGIN_ENTRY_WRONG', { block: { ...block, type: 'other' } }],
    ['another kind than the package says', 'QZ_PLUGIN_ENTRY_WRONG', { block: { ...block, kind: 'mode' } }],
    [
      'a role without a required member',
      'QZ_PLUGIN_ENTRY_WRONG',
      { entry: goodEntry.replace('open() {}', '') },
    ],
  ];
  it.each(refused)('refuses %s', async (_what, code, parts) => {
    await install('qianzhi-ledgerbase', parts);
    const { kind, type } = (parts.block ?? block) as { kind: 'connector' | 'mode'; type: string };
    const host = await open();
    const error = await refusal(() => host.load(kind, type));
    expect(error.code).toBe(code);
    expect(error.hint).not.toBe('');
  });
});

describe('checking config', () => {
  const schema = Type.Object({
    file: Type.String(),
    tables: Type.Array(Type.Object({ name: Type.String({ maxLength: 5 }) }), { default: [] }),
  });

  it('fills defaults and answers the config', async () => {
    const host = await open();
    expect(host.checkConfig(schema, { file: 'a' }, 'connectors.civil')).toEqual({ file: 'a', tables: [] });
  });

  it('names the place in the whole config, and never the value', async () => {
    const host = await open();
    const config = { file: 'a', tables: [{ name: 'hunter2-secret' }] };
    const error = await refusal(async () => host.checkConfig(schema, config, 'connectors.civil'));
    expect(error.code).toBe('QZ_PLUGIN_CONFIG_WRONG');
    expect(error.details.path).toBe('connectors.civil.tables.0.name');
    expect(JSON.stringify([error.texts, error.details])).not.toContain('hunter2');
  });
});

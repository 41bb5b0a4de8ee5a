import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginContext } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { loadConfig } from '../config/load.js';
import { loadPlugins } from '../plugins.js';
import { tempFolder } from '../testing/temp-folder.js';
import { watchConnectors } from '../watch/connectors.js';
import { createLiveConfig } from './live-config.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const signal = new AbortController().signal;

/** A connector whose connection is what it was opened with. */
const plugin = {
  'package.json': JSON.stringify({
    name: 'connector-mirror',
    version: '1.0.0',
    type: 'module',
    qianzhi: { kind: 'connector', type: 'mirror', sides: 'agent', apiVersion: 1, entry: './index.js' },
  }),
  'index.js': `const any = { type: 'object' };
export default { apiVersion: 1, name: 'mirror', type: 'mirror', role: { kind: 'connector',
  configSchema: any, sourceSchema: any, targetSchema: any, capabilities: { read: ['snapshot'], write: ['merge'], feed: true, query: true },
  open: async ({ host }, { timeZone }) => ({ host, timeZone }) } };`,
};

interface Wanted {
  readonly timeZone?: string;
  readonly host?: string;
  /** `to` of the only webhook, whose exchange keeps a feed. */
  readonly webhook?: string;
}

async function openLive() {
  const folder = await tempFolder();
  await mkdir(join(folder, 'mirror'));
  for (const [name, text] of Object.entries(plugin)) await writeFile(join(folder, 'mirror', name), text);
  const file = join(folder, 'agent.yaml');
  const write = ({ timeZone = 'Asia/Shanghai', host = 'old', webhook = 'old' }: Wanted) =>
    writeFile(
      file,
      `platform: { url: "http://a" }
timeZone: ${timeZone}
plugins: [./mirror]
connectors: { a: { type: mirror, host: ${host} } }
exchanges:
  - { name: out, supply: town, mode: docking, connector: a, strategy: snapshot, source: {} }
  - { name: in, consume: town, mode: docking, connector: a, target: {} }
queries: [{ resource: town, service: by-code, connector: a, lookup: { host: ${host} } }]
webhooks: { targets: { oa: { exchange: in, url: "http://${webhook}/", secret: a-secret-of-sixteen } } }
`,
    );
  await write({});
  const started = await loadConfig(file);
  const { timeZone } = started.config;
  const context: PluginContext = { log: quiet, now: () => new Date(), tempDir: folder, timeZone };
  const plugins = await loadPlugins(started, context);
  const live = createLiveConfig({ started, plugins, context, changed() {} });
  const connectors = watchConnectors(live, context.now);
  return {
    live,
    exchange: () => live.loaded().config.exchanges[0]!,
    open: (exchange: Parameters<typeof connectors.open>[0]) => connectors.open(exchange, signal, quiet),
    async reload(wanted: Wanted) {
      await write(wanted);
      return live.reload();
    },
  };
}

it('what a restart is asked for is not in force before, for connectors neither', async () => {
  const { exchange, open, reload } = await openLive();
  expect(await open(exchange())).toMatchObject({ timeZone: 'Asia/Shanghai' });
  expect((await reload({ timeZone: 'Asia/Urumqi' })).config.restartFor).toEqual(['timeZone']);
  expect(await open(exchange())).toMatchObject({ timeZone: 'Asia/Shanghai' });
});

it('a reload tells of queries and webhooks, too, which it puts in force', async () => {
  const { reload } = await openLive();
  const none = { added: [], changed: [], removed: [] };
  expect(await reload({ webhook: 'new' })).toMatchObject({
    connectors: none,
    queries: none,
    webhooks: { ...none, changed: ['oa'] },
  });
  expect(await reload({ webhook: 'new', host: 'new' })).toMatchObject({
    queries: { ...none, changed: ['town/by-code'] },
    webhooks: none,
  });
});

it('a job that began before a reload opens the connector that it began with', async () => {
  const { exchange, open, reload } = await openLive();
  const begun = exchange();
  expect((await reload({ host: 'new' })).connectors.changed).toEqual(['a']);
  expect(await open(begun)).toMatchObject({ host: 'old' });
  expect(await open(exchange())).toMatchObject({ host: 'new' });
});

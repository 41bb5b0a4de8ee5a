import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginContext } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { loadConfig } from '../config/load.js';
import { loadPlugins } from '../plugins.js';
import { tempFolder } from '../testing/temp-folder.js';
import { createLiveConfig } from './live-config.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A connector that answers the zone it is opened with. */
const plugin = {
  'package.json': JSON.stringify({
    name: 'connector-zone',
    version: '1.0.0',
    type: 'module',
    qianzhi: { kind: 'connector', type: 'zone', sides: 'agent', apiVersion: 1, entry: './index.js' },
  }),
  'index.js': `export default { apiVersion: 1, name: 'zone', type: 'zone', role: { kind: 'connector',
    configSchema: { type: 'object' }, sourceSchema: { type: 'object' }, targetSchema: { type: 'object' },
    capabilities: { read: [], write: [] }, open: async (_, { timeZone }) => timeZone } };`,
};

it('what a restart is asked for is not in force before, for connectors neither', async () => {
  const folder = await tempFolder();
  await mkdir(join(folder, 'zone'));
  for (const [name, text] of Object.entries(plugin)) await writeFile(join(folder, 'zone', name), text);
  const file = join(folder, 'agent.yaml');
  const write = (timeZone: string) =>
    writeFile(
      file,
      `platform: { url: "http://a" }\ntimeZone: ${timeZone}\nplugins: [./zone]\nconnectors: { a: { type: zone } }\n`,
    );
  await write('Asia/Shanghai');
  const started = await loadConfig(file);
  const context: PluginContext = {
    log: quiet,
    now: () => new Date(),
    tempDir: folder,
    timeZone: started.config.timeZone,
  };
  const plugins = await loadPlugins(started, context);
  const live = createLiveConfig({ started, plugins, context, changed() {} });
  const zone = () => live.plugins().open('a', new AbortController().signal);
  expect(await zone()).toBe('Asia/Shanghai');
  await write('Asia/Urumqi');
  expect((await live.reload()).config.restartFor).toEqual(['timeZone']);
  expect(await zone()).toBe('Asia/Shanghai');
});

/** `npm run bench -- NAME [--json] …`: runs test/bench/NAME over the built packages. */
import { register } from 'node:module';

const benches = {
  rows: () => import('./rows.js'),
  connectors: () => import('./connectors.js'),
  chain: () => import('./chain.js'),
  increment: () => import('./increment.js'),
  latency: () => import('./latency.js'),
  'small-batches': () => import('./small-batches.js'),
  memory: () => import('./memory.js'),
  reconcile: () => import('./reconcile.js'),
  diff: () => import('./diff.js'),
  download: () => import('./download.js'),
  query: () => import('./query.js'),
  files: () => import('./files.js'),
  platform: () => import('./platform.js'),
};

const [name, ...options] = process.argv.slice(2);
if (!Object.hasOwn(benches, name ?? '')) {
  process.stderr.write(
    `usage: npm run bench -- NAME [--json] …\nNAME is one of: ${Object.keys(benches).join(', ')}\n`,
  );
  process.exit(2);
}
register('./typescript-hooks.js', import.meta.url);
const { run } = await benches[name]();
await run(options);

// Puts the package and TypeBox into a few files, dist/bundled: every program loads them first, and some 330 small files took longer than
// all else that a command does. What each entry of `exports` needs in common is one file, so that there is one of every class.
import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist/bundled');
const changedAt = (file) => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const sources = ['tsconfig.tsbuildinfo', 'package.json', 'scripts/bundle.js'];
if (changedAt('dist/bundled/index.js') <= Math.max(...sources.map(changedAt))) await bundle();

async function bundle() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.values(exports).map((entry) => [
    basename(entry.default, '.js'),
    join(root, entry.types.replace(/\.d\.ts$/, '.js')),
  ]);
  const made = await rolldown({
    input: Object.fromEntries(entries),
    external: (id) => /^[a-z@]/.test(id) && !id.startsWith('@sinclair/typebox'),
    platform: 'node',
  });
  // somebody may be loading it
  const fresh = `${folder}.${process.pid}`;
  await made.write({
    dir: fresh,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared/[name].js',
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

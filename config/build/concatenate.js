// Puts the modules of a package into a few files, dist/bundled: an agent loaded some 900 small files at its start, which took longer than all
// else it did. It is done for each package whose `exports`, or entries as a plugin, name files there. What several of these need is one file
// beside them, so that there is one of every class. Other packages stay outside, but for TypeBox, which everybody takes from the model.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BUNDLED = './dist/bundled/';

const folders = ['packages', 'plugins']
  .flatMap((workspace) => readdirSync(join(root, workspace)).map((name) => join(root, workspace, name)))
  .filter((folder) => existsSync(join(folder, 'package.json')));
for (const folder of folders) {
  const entries = entriesOf(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  if (Object.keys(entries).length > 0 && isStale(folder)) await concatenate(folder, entries);
}

/** Names in dist/bundled, and the compiled file that each begins with. */
function entriesOf({ exports = {}, qianzhi = [] }) {
  const named = [
    ...Object.values(exports).map((entry) => [entry.default, entry.types?.replace(/\.d\.ts$/, '.js')]),
    ...[qianzhi].flat().map(({ entry }) => [entry, entry.replace(BUNDLED, './dist/')]),
  ].filter(([file]) => file?.startsWith(BUNDLED));
  return Object.fromEntries(named.map(([file, from]) => [file.slice(BUNDLED.length, -'.js'.length), from]));
}

function isStale(folder) {
  const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ['tsconfig.tsbuildinfo', 'package.json'].map((file) => join(folder, file));
  const newest = Math.max(...[...sources, fileURLToPath(import.meta.url)].map(changedAt));
  return changedAt(join(folder, BUNDLED)) <= newest;
}

async function concatenate(folder, entries) {
  const bundled = join(folder, BUNDLED);
  const made = await rolldown({
    cwd: folder,
    input: entries,
    external: (id) => /^[a-z@]/.test(id) && !id.startsWith('@sinclair/typebox'),
    platform: 'node',
    plugins: [keepPlaces(bundled)],
  });
  // somebody may be loading it
  const fresh = join(folder, `dist/bundled.${process.pid}`);
  await made.write({
    dir: fresh,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  rmSync(bundled, { recursive: true, force: true });
  renameSync(fresh, bundled);
}

/** What a module finds beside itself (a child program, a template) it finds by the place that it was compiled to. */
function keepPlaces(bundled) {
  return {
    name: 'keep-places',
    transform: (code, id) =>
      code.replaceAll(
        'import.meta.url',
        () => `new URL(${JSON.stringify(relative(bundled, id))}, import.meta.url).href`,
      ),
  };
}

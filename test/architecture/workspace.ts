import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const rootFolder = fileURLToPath(new URL('../..', import.meta.url));

export interface SourceFile {
  /** Path from the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
}

export interface WorkspacePackage {
  /** Folder name: `model`, `connector-sqlite`. */
  readonly name: string;
  readonly area: 'packages' | 'plugins';
  readonly manifest: Manifest;
  readonly sources: readonly SourceFile[];
}

interface PluginBlock {
  readonly kind: string;
  readonly type: string;
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly qianzhi?: PluginBlock | readonly PluginBlock[];
}

const generated = new Set(['node_modules', 'dist', '.git']);

/** Every file below a folder, without what is installed or built. */
export function filesBelow(folder: string, endings: readonly string[]): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (generated.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path, endings);
    return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
  });
}

function readSource(path: string): SourceFile {
  const fromRoot = relative(rootFolder, path).split(sep).join('/');
  // Folders `test`, `testing` and `fixtures` inside a package hold what only tests import.
  const isTest = /\.test\.ts$|\/src\/(test|testing|fixtures)\//.test(fromRoot);
  return { path: fromRoot, text: readFileSync(path, 'utf8'), isTest };
}

export const workspace: readonly WorkspacePackage[] = (['packages', 'plugins'] as const).flatMap((area) =>
  readdirSync(join(rootFolder, area)).flatMap((name) => {
    const folder = join(rootFolder, area, name);
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) return [];
    return [
      {
        name,
        area,
        manifest: JSON.parse(readFileSync(manifest, 'utf8')) as Manifest,
        sources: filesBelow(join(folder, 'src'), ['.ts', '.vue']).map(readSource),
      },
    ];
  }),
);

export const allSources: readonly SourceFile[] = workspace.flatMap((pkg) => pkg.sources);

/** Modules that a file imports or re-exports, statically or not. */
export function importsOf({ text }: SourceFile): string[] {
  const pattern = /(?:\bfrom\s+|\bimport\s*\(\s*|^\s*import\s+)(['"])([^'"\n]+)\1/gm;
  return [...text.matchAll(pattern)].map((match) => match[2]!);
}

/** `@qianzhi/model/crypto` → `@qianzhi/model`; `node:fs`, relative paths and the package's own `#name` → undefined. */
export function packageOf(specifier: string): string | undefined {
  if (/^([.#]|node:)/.test(specifier)) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export function nameOfFile({ path }: SourceFile): string {
  return basename(path);
}

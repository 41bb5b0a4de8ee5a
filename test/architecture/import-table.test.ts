import { describe, expect, it } from 'vitest';
import {
  allSources,
  importsOf,
  packageOf,
  type SourceFile,
  type WorkspacePackage,
  workspace,
} from './workspace.js';

/** What each package may import of ours: the table of the design. Nothing may be added here without a reason there. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  rows: ['model'],
  'plugin-api': ['model', 'rows'],
  'plugin-host': ['plugin-api', 'model'],
  'sql-kit': ['plugin-api', 'rows', 'model'],
  engine: ['plugin-host', 'plugin-api', 'rows', 'model', 'dataset', 'reconcile'],
  reconcile: ['rows', 'model'],
  carrier: ['model'],
  workbook: ['model'],
  dataset: ['rows', 'model', 'workbook'],
  client: ['model'],
  monitor: ['model'],
  agent: ['engine', 'carrier', 'plugin-host', 'client', 'monitor', 'plugin-api', 'model'],
  platform: [
    'model',
    'rows',
    'dataset',
    'carrier',
    'client',
    'monitor',
    'plugin-api',
    'plugin-host',
    'workbook',
  ],
  cli: ['agent', 'platform', 'carrier', 'client', 'model', 'workbook'],
  console: ['client', 'model'],
  testing: ['plugin-api', 'model', 'rows', 'engine'],
};
const pluginsMayImport = ['plugin-api', 'rows', 'model', 'sql-kit', 'workbook'];

const ours = '@qianzhi/';

function allowedFor({ name, area }: WorkspacePackage, test: boolean): ReadonlySet<string> {
  if (area === 'packages') return new Set([name, ...(mayImport[name] ?? [])]);
  return new Set([...pluginsMayImport, ...(test ? ['testing'] : [])]);
}

function importsOfOurs(file: SourceFile): string[] {
  return importsOf(file)
    .map(packageOf)
    .flatMap((name) => (name?.startsWith(ours) ? [name.slice(ours.length)] : []));
}

describe('import table', () => {
  it('names every package', () => {
    const unnamed = workspace.filter(({ name, area }) => area === 'packages' && !(name in mayImport));
    expect(unnamed.map((pkg) => pkg.name)).toEqual([]);
  });

  it('is kept by every source file', () => {
    const broken = workspace.flatMap((pkg) =>
      pkg.sources.flatMap((file) => {
        const allowed = allowedFor(pkg, file.isTest || pkg.area === 'plugins');
        return importsOfOurs(file)
          .filter((name) => !allowed.has(name))
          .map((name) => `${file.path} imports ${name}`);
      }),
    );
    expect(broken).toEqual([]);
  });

  it('plugins import testing in tests only', () => {
    const broken = workspace
      .filter((pkg) => pkg.area === 'plugins')
      .flatMap((pkg) => pkg.sources)
      .filter((file) => !file.isTest && importsOfOurs(file).includes('testing'))
      // A harness is imported by tests alone; its name says so.
      .filter((file) => !/harness\.ts$/.test(file.path));
    expect(broken.map((file) => file.path)).toEqual([]);
  });

  it('is kept by every package.json', () => {
    const broken = workspace.flatMap((pkg) => {
      const { dependencies, devDependencies, peerDependencies, optionalDependencies } = pkg.manifest;
      const needed = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
      const forTests = Object.keys(devDependencies ?? {});
      const refused = (names: readonly string[], allowed: ReadonlySet<string>) =>
        names.filter((name) => name.startsWith(ours) && !allowed.has(name.slice(ours.length)));
      return [...refused(needed, allowedFor(pkg, false)), ...refused(forTests, allowedFor(pkg, true))].map(
        (name) => `${pkg.area}/${pkg.name} depends on ${name}`,
      );
    });
    expect(broken).toEqual([]);
  });

  it('every imported package is declared', () => {
    const broken = workspace.flatMap((pkg) => {
      const { dependencies, devDependencies, peerDependencies, optionalDependencies } = pkg.manifest;
      const needed = new Set(Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }));
      const forTests = new Set([
        ...needed,
        ...Object.keys(devDependencies ?? {}),
        'vitest',
        'fast-check',
        pkg.manifest.name,
      ]);
      return pkg.sources.flatMap((file) => {
        const declared =
          file.isTest || /(harness|arbitraries|fixtures)\.ts$/.test(file.path) ? forTests : needed;
        return importsOf(file)
          .map(packageOf)
          .filter((name) => name !== undefined && !declared.has(name))
          .map((name) => `${file.path} imports ${name}, which ${pkg.area}/${pkg.name} does not declare`);
      });
    });
    expect(broken).toEqual([]);
  });

  it('nothing under packages/ imports a plugin', () => {
    const broken = allSources
      .filter((file) => file.path.startsWith('packages/'))
      .flatMap((file) =>
        importsOf(file)
          .filter(
            (name) =>
              /(^|\/)(connector|mode|transport)-[a-z0-9-]+($|\/src|\/dist)/.test(name) &&
              !name.startsWith('.'),
          )
          .map((name) => `${file.path} imports ${name}`),
      );
    expect(broken).toEqual([]);
  });

  it('nothing under packages/ branches over the type of a connector', () => {
    const types = workspace.flatMap(({ manifest }) =>
      [manifest.qianzhi ?? []].flat().flatMap(({ kind, type }) => (kind === 'connector' ? [type] : [])),
    );
    expect(types).toContain('sqlite');
    const quoted = `['"\`](?:${types.join('|')})['"\`]`;
    // batches, strategies and resources of `files` and the modes are the model's words, whatever connector they come from
    const branch = new RegExp(
      `(?<!\\b(?:kind|strategy|content|mode) [=!]*)[=!]==?\\s*${quoted}|${quoted}\\s*[=!]==?|\\bcase\\s+${quoted}`,
    );
    // the platform opens no connector; what it keeps its own state in is called alike
    const ownDatabase = (path: string) => path.startsWith('packages/platform/');
    const broken = allSources.filter(
      (file) =>
        file.path.startsWith('packages/') &&
        !ownDatabase(file.path) &&
        !file.isTest &&
        branch.test(file.text),
    );
    expect(broken.map((file) => file.path)).toEqual([]);
  });
});

import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkShape, isQianzhiError } from '@qianzhi/model';
import { PluginBlockSchema, type PluginDescription } from './description.js';
import { hostErrors } from './errors.js';

/** Names under which plugins are looked for: `@qianzhi/*`, `qianzhi-*` and `@anyone/qianzhi-*`. */
const pluginName = /^(@qianzhi\/.+|(@[^/]+\/)?qianzhi-.+)$/;

/**
 * The `node_modules` folders that the installation of `moduleUrl` sees, nearest first: where plugins of the workspace
 * and plugins installed beside the program lie. Give `import.meta.url` of the program.
 */
export async function installationRoots(moduleUrl: string): Promise<string[]> {
  const roots: string[] = [];
  let folder = dirname(await realpath(fileURLToPath(moduleUrl)));
  for (;;) {
    const candidate = join(folder, 'node_modules');
    if (await isFolder(candidate)) roots.push(candidate);
    const parent = dirname(folder);
    if (parent === folder) return roots;
    folder = parent;
  }
}

/** Plugins in a `node_modules` folder. Reads package.json files only; a package without a block is no plugin. */
export async function pluginsUnder(root: string): Promise<PluginDescription[]> {
  const names = (await packageNames(root)).filter((name) => pluginName.test(name));
  return (await Promise.all(names.map((name) => describePackage(join(root, name))))).flat();
}

/** The plugins in one folder named by the config. Throws QZ_PLUGIN_PATH_WRONG where there is none. */
export async function pluginsAt(path: string): Promise<PluginDescription[]> {
  const folder = resolve(path);
  const plugins = await describePackage(folder);
  if (plugins.length > 0) return plugins;
  const problem = (await isFolder(folder))
    ? { zh: '没有带 qianzhi 说明的 package.json', en: 'no package.json with a qianzhi block' }
    : { zh: '没有此文件夹', en: 'no such folder' };
  throw hostErrors.PATH_WRONG({ path: folder, problem });
}

async function packageNames(root: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of await entriesOf(root)) {
    if (name.startsWith('@'))
      names.push(...(await entriesOf(join(root, name))).map((inner) => `${name}/${inner}`));
    else names.push(name);
  }
  return names.sort();
}

/** A package may bring several plugins: one block for each. */
async function describePackage(folder: string): Promise<PluginDescription[]> {
  const file = join(folder, 'package.json');
  const text = await readIfThere(file);
  if (text === undefined) return [];
  const manifest = parseManifest(file, text);
  if (manifest.qianzhi === undefined) return [];
  try {
    const about = {
      packageName: String(manifest.name ?? folder),
      version: String(manifest.version ?? '0.0.0'),
      folder: await realpath(folder),
    };
    return [manifest.qianzhi]
      .flat()
      .map((block) => ({ ...checkShape(PluginBlockSchema, block, file), ...about }));
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
    throw hostErrors.BLOCK_WRONG({ file, where: error.details.where, problem: error.details.problem }, error);
  }
}

interface PackageManifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly qianzhi?: unknown;
}

function parseManifest(file: string, text: string): PackageManifest {
  try {
    return JSON.parse(text) as PackageManifest;
  } catch (error) {
    throw hostErrors.BLOCK_WRONG(
      { file, where: '/', problem: { zh: '不是 JSON', en: 'is not JSON' } },
      error,
    );
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const templateFolder = fileURLToPath(new URL('connector', import.meta.url));

/** What a person can put right: the text says how, in both languages. */
export class ScaffoldError extends Error {}

/**
 * Makes plugins/connector-<name> below `root` from the template and adds it to the root tsconfig.json.
 * Answers the folder, relative to `root`. Throws a ScaffoldError for a bad or taken name and changes nothing then.
 *
 * @param {{ root: string, name: string | undefined }} options
 * @returns {Promise<string>}
 */
export async function scaffoldConnector({ root, name }) {
  if (name === undefined || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40) {
    throw new ScaffoldError(
      `连接器名称“${name ?? ''}”不可用:小写字母开头,只含小写字母、数字和连字符,至多 40 个字符。用法:npm run new:connector -- NAME\n` +
        `"${name ?? ''}" is no name for a connector: lower-case letters, digits and single hyphens, beginning with a letter, ` +
        'at most 40 characters. Usage: npm run new:connector -- NAME',
    );
  }
  const folder = `plugins/connector-${name}`;
  if (existsSync(join(root, folder))) {
    throw new ScaffoldError(
      `${folder} 已存在,请换一个名称。\n${folder} exists already; choose another name.`,
    );
  }
  const owner = name.replaceAll('-', '').toUpperCase();
  const fill = (text) => text.replaceAll('__name__', name).replaceAll('__OWNER__', owner);
  for (const file of await filesBelow(templateFolder)) {
    const target = join(root, folder, file.replace(/\.template$/, ''));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, fill(await readFile(join(templateFolder, file), 'utf8')));
  }
  await addReference(join(root, 'tsconfig.json'), folder);
  return folder;
}

async function filesBelow(folder, below = '') {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const files = await Promise.all(
    entries.map((entry) => {
      const path = join(below, entry.name);
      return entry.isDirectory() ? filesBelow(folder, path) : [path];
    }),
  );
  return files.flat();
}

async function addReference(file, path) {
  const config = JSON.parse(await readFile(file, 'utf8'));
  config.references.push({ path });
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`);
}

// Puts the folder together that an archive holds.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoData, filesOf, moduleFiles, ownFiles, productionModules } from './modules.js';
import { isNative, neededVersions } from './native.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Fills the empty `folder`: `runtime/` the running Node.js, `app/` programs and modules laid out as in the repository,
 * `bin/qianzhi`, the installer, SHA256SUMS over every file, those reached by a link included. Answers what is in it.
 */
export function assemble(folder, version) {
  const put = (from, to, mode = 0o644) => {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    copyFileSync(from, join(folder, to));
    chmodSync(join(folder, to), mode);
  };
  const write = (to, text, mode = 0o644) => {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    writeFileSync(join(folder, to), text, { mode });
  };

  put(process.execPath, 'runtime/bin/node', 0o755);
  const links = [];
  for (const module of productionModules(root)) {
    const from = join(root, module);
    if (lstatSync(from).isSymbolicLink())
      links.push(...putOwn(from, module, { folder, put, write, version }));
    else for (const file of moduleFiles(from)) put(join(from, file), `app/${module}/${file}`);
  }
  for (const file of demoData.files) {
    const from = join(root, demoData.folder, file);
    if (existsSync(from)) put(from, `app/${demoData.folder}/${file}`);
  }
  write(
    'app/package.json',
    `${JSON.stringify({ name: 'qianzhi', version, private: true, type: 'module' })}\n`,
  );
  for (const part of ['samples', 'schemas', 'demo', 'catalogs', 'policy']) {
    const from = join(root, 'config', part);
    for (const file of filesOf(from, (name) => !name.endsWith('.js')))
      put(join(from, file), `app/config/${part}/${file}`);
  }

  write('bin/qianzhi', readFileSync(join(here, 'qianzhi.sh'), 'utf8').replace('@EXEC@', startLine()), 0o755);
  put(join(here, 'install.sh'), 'install.sh', 0o755);
  for (const part of ['checks', 'state', 'services', 'versions'])
    put(join(here, `install/${part}.sh`), `install/${part}.sh`);
  for (const part of ['systemd', 'windows'])
    for (const file of readdirSync(join(here, part))) put(join(here, part, file), `${part}/${file}`);
  for (const file of ['INSTALL.md', 'INSTALL.zh-CN.md']) put(join(here, file), file);

  const natives = filesOf(folder).filter(isNative);
  const needed = neededVersions(folder, ['runtime/bin/node', ...natives]);
  write('VERSION', `${version}\n`);
  write('GLIBC', `${needed.newest.GLIBC}\n`);
  write('NATIVE', `${natives.filter((path) => path.endsWith('.node')).join('\n')}\n`);
  const files = [...filesOf(folder), ...links].sort();
  const sums = files.map(
    (path) =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex')}  ${path}`,
  );
  write('SHA256SUMS', `${sums.join('\n')}\n`);
  return { files: files.length, natives, needed };
}

/** One package of the workspace under its own folder, and the link by which the others find it. */
function putOwn(link, module, { folder, put, write, version }) {
  const target = readlinkSync(link); // ../../packages/cli
  const place = target.replace(/^(\.\.\/)+/, '');
  const from = join(root, place);
  for (const file of ownFiles(from)) {
    const executable = (lstatSync(join(from, file)).mode & 0o100) !== 0;
    put(join(from, file), `app/${place}/${file}`, executable ? 0o755 : 0o644);
  }
  for (const file of ['package.json', 'oclif.manifest.json']) {
    if (!existsSync(join(from, file))) continue;
    const manifest = JSON.parse(readFileSync(join(from, file), 'utf8'));
    for (const name of Object.keys(manifest.dependencies ?? {}))
      if (name.startsWith('@qianzhi/')) manifest.dependencies[name] = version;
    delete manifest.devDependencies;
    write(`app/${place}/${file}`, `${JSON.stringify({ ...manifest, version })}\n`);
  }
  mkdirSync(dirname(join(folder, 'app', module)), { recursive: true });
  symlinkSync(target, join(folder, 'app', module));
  return [`app/${module}/package.json`];
}

/** The settings in the first line of qianzhi.js, for the Node.js of the bundle. */
function startLine() {
  const program = 'packages/cli/bin/qianzhi.js';
  const [first] = readFileSync(join(root, program), 'utf8').split('\n');
  const settings = /^#!\/usr\/bin\/env -S (?<environment>(?:\w+=\S+ )*)node(?<flags>(?: --\S+)*)$/.exec(
    first,
  )?.groups;
  if (settings === undefined)
    throw new Error(`the first line of ${program} is not one the bundle can repeat: ${first}`);
  const assignments = settings.environment.trim();
  return `${assignments ? `export ${assignments}\n` : ''}exec "$here/runtime/bin/node"${settings.flags} "$here/app/${program}" "$@"`;
}

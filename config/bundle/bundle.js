// `npm run bundle`: one archive that installs on linux-x64 without network and compiler.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { assemble } from './assemble.js';

const help = `npm run bundle -- [--out 文件夹/FOLDER] [--version X.Y.Z] [--folder-only]
  --out          归档放在哪里,默认 dist / where the archive goes, dist unless given
  --version      归档的版本号,默认 package.json 的 / version of the archive, that of package.json unless given
  --folder-only  只做文件夹,不压缩 / the folder alone, not compressed
`;

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'dist' },
    version: { type: 'string' },
    'folder-only': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else await bundle();

async function bundle() {
  const version = values.version ?? JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
  refuse(
    !/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version),
    `版本号不对 / not a version: ${version}\n${help}`,
  );
  refuse(
    process.platform !== 'linux' ||
      process.arch !== 'x64' ||
      !process.report.getReport().header.glibcVersionRuntime,
    '只能在 linux-x64 (glibc) 上打包 / bundling works on linux-x64 with glibc only: npm run bundle',
  );
  refuse(
    Object.entries(process.config.variables).some(
      ([name, value]) => /^node_shared/.test(name) && value === true,
    ),
    `${process.execPath} 依赖系统的共享库,换用官方 Node.js 后再执行 npm run bundle / needs shared libraries of this system; use an official Node.js, then npm run bundle`,
  );
  const name = `qianzhi-${version}-linux-x64`;
  const out = resolve(root, values.out);
  const folder = join(out, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { files, natives, needed } = assemble(folder, version);

  const say = (text) => process.stderr.write(`${text}\n`);
  say(`· Node.js ${process.version}, ${files} files, ${natives.length} native modules and libraries:`);
  for (const path of ['runtime/bin/node', ...natives]) {
    const size = (statSync(join(folder, path)).size / 1e6).toFixed(1);
    say(`    ${path}  ${size} MB  glibc ≥ ${needed.of[path].GLIBC ?? '–'}`);
  }
  say(
    `· 目标机器 / the machine needs: glibc ≥ ${needed.newest.GLIBC}, libstdc++ with GLIBCXX_${needed.newest.GLIBCXX}`,
  );
  if (values['folder-only']) {
    process.stdout.write(`${folder}\n`);
    return;
  }
  const archive = join(out, `${name}.tar.gz`);
  pack(out, name, archive);
  rmSync(folder, { recursive: true });
  const sum = await sha256(archive);
  writeFileSync(`${archive}.sha256`, `${sum}  ${basename(archive)}\n`);
  say(`· ${(statSync(archive).size / 1e6).toFixed(1)} MB, SHA-256 ${sum}`);
  process.stdout.write(`${archive}\n`);
}

/** Sorted, owned by nobody in particular and as old as the commit: the same content gives the same bytes. */
function pack(out, name, archive) {
  const as = [
    '--format=gnu',
    '--sort=name',
    `--mtime=@${commitTime()}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
  ];
  execFileSync('tar', [...as, '--use-compress-program=gzip -n -6', '-cf', archive, name], {
    cwd: out,
    stdio: 'inherit',
  });
}

/** Seconds since 1970. */
function commitTime() {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined) {
    refuse(!/^\d+$/.test(given), `SOURCE_DATE_EPOCH 不是秒数 / is no number of seconds: ${given}`);
    return given;
  }
  return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).trim();
}

async function sha256(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

function refuse(condition, text) {
  if (!condition) return;
  process.stderr.write(`✗ ${text}\n`);
  process.exit(2);
}

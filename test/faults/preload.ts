import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Why a library to preload cannot be used here; undefined where it can. With QZ_REQUIRE_SERVICES=1 that is thrown. */
export function preloadMissing(source: string): string | undefined {
  try {
    buildPreload(source);
    return undefined;
  } catch (cause) {
    const reason = `${basename(source)} cannot be built (Linux with gcc): ${cause}`;
    if (process.env.QZ_REQUIRE_SERVICES === '1') throw new Error(reason, { cause });
    console.warn(reason);
    return reason;
  }
}

/** Builds a C file once for each of its versions; the path of the library, for LD_PRELOAD. */
export function buildPreload(source: string): string {
  if (process.platform !== 'linux') throw new Error(`no LD_PRELOAD on ${process.platform}`);
  const version = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const name = basename(source, '.c');
  const folder = join(tmpdir(), `qianzhi-${name}-${process.getuid?.() ?? 0}`);
  const library = join(folder, `${name}-${version}.so`);
  if (existsSync(library)) return library;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const building = join(folder, `${process.pid}.so`);
  execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-o', building, source, '-ldl', '-lpthread'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  renameSync(building, library);
  return library;
}

// What the binaries of a bundle ask of the machine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Modules that Node loads, which the installer loads once before it goes on, and the libraries beside them. */
export const isNative = (path) => /\.(node|so(\.\d+)*)$/.test(path);

/**
 * The newest version of each symbol family (GLIBC, GLIBCXX) that any of the files names: with an older one the dynamic
 * linker refuses the file. Versions stand as plain text in the file's table of strings.
 */
export function neededVersions(root, paths) {
  const newest = { GLIBC: '0', GLIBCXX: '0' };
  const of = {};
  for (const path of paths) {
    of[path] = {};
    // latin1: one character for each byte
    for (const [, family, version] of readFileSync(join(root, path), 'latin1').matchAll(
      /\0(GLIBC|GLIBCXX)_(\d+(?:\.\d+)+)(?=\0)/g,
    )) {
      if (isNewer(version, of[path][family] ?? '0')) of[path][family] = version;
      if (isNewer(version, newest[family])) newest[family] = version;
    }
  }
  return { newest, of };
}

function isNewer(version, than) {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}

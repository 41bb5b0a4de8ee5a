/** Compiles the kernel; nothing to do where it is newer than its source. Needs no network and a second or two. */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const changedAt = (file) => statSync(folder + file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (changedAt('dist/kernel.wasm') <= changedAt('assembly/kernel.ts')) {
  const { default: asc } = await import('assemblyscript/asc');
  const options = ['--baseDir', folder, '--outFile', 'dist/kernel.wasm', '-O3', '--runtime', 'stub'];
  const { error, stderr } = await asc.main([
    'assembly/kernel.ts',
    ...options,
    ...['--noAssert', '--importMemory', '--enable', 'simd', '--initialMemory', '1'],
  ]);
  if (error) {
    process.stderr.write(`${stderr}${error.message}\n`);
    process.exitCode = 1;
  }
}

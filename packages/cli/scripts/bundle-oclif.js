// Puts what commands use of oclif into one file, dist/bundled/oclif.js: to load it as some 130 took a third of what a short command takes.
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const input = join(root, 'dist/oclif.js');
const file = join(root, 'dist/bundled/oclif.js');
const sources = [
  input,
  createRequire(input).resolve('@oclif/core/package.json'),
  fileURLToPath(import.meta.url),
];

const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (changedAt(file) <= Math.max(...sources.map(changedAt))) {
  // it looks for a compiler where commands are TypeScript, which ours are not
  const made = await rolldown({ cwd: root, input, external: ['typescript'], platform: 'node' });
  await made.write({
    file,
    format: 'esm',
    codeSplitting: false,
    // of CommonJS, from which it is made
    banner: 'const __dirname = import.meta.dirname;',
    comments: { legal: true, annotation: false, jsdoc: false },
  });
}

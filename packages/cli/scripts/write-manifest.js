// Writes oclif.manifest.json: with it a start loads the one command that runs, without it all of them to know their names.
import { readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Plugin, settings } from '#oclif';

settings.enableAutoTranspile = false;

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(root, 'oclif.manifest.json');

/** Newest change below a folder, in milliseconds; folders too, for a command taken away. */
function newest(folder) {
  const times = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
  });
  return Math.max(statSync(folder).mtimeMs, ...times);
}

const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = Math.max(newest(join(root, 'dist')), statSync(join(root, 'package.json')).mtimeMs);
if (written <= sources) {
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  // somebody may be reading it
  const made = `${file}.${process.pid}`;
  writeFileSync(made, JSON.stringify(plugin.manifest));
  renameSync(made, file);
}

import { mkdir, rename, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { throwIfCancelled } from '@qianzhi/model';
import type { HeldBy } from '@qianzhi/plugin-api';
import type { FilesSource } from '../config.js';
import { errnoOf, guarded } from '../folder/classify.js';
import { syncFolder, writeDurably } from '../folder/durable.js';
import { identityOf } from '../folder/identity.js';
import { markersOf, numberedName, statsOf } from '../folder/list.js';
import { speaksOnlyOf } from '../folder/supplied-manifest.js';
import type { ReadFile, State } from './checkpoint.js';
import { type Reading, settledKey } from './reading.js';

/**
 * Puts aside or deletes what was read, each file only while it is the one that was read: another one that came under its name stays.
 * May be repeated, late or out of order; a crash in between leaves the rest for the next time.
 */
export async function putAside(
  reading: Reading,
  state: State,
  signal: AbortSignal,
  held?: HeldBy,
): Promise<void> {
  const { spec } = reading;
  if (spec.acknowledge !== undefined) await acknowledge(reading, state, spec.acknowledge, signal, held);
  if (spec.done !== 'keep') await putAllAside(reading, state, signal);
  forgetOthers(reading, state);
}

/** What this checkpoint names no more, no later one does: a source may be open for years. */
function forgetOthers({ settled }: Reading, { read }: State): void {
  const named = new Set(read.map(settledKey));
  for (const keys of [settled.aside, settled.acknowledged])
    for (const key of keys) if (!named.has(key)) keys.delete(key);
}

async function putAllAside(reading: Reading, state: State, signal: AbortSignal): Promise<void> {
  const { spec, folder, settled } = reading;
  if (state.read.length === 0) return;
  const aside = join(folder, spec.doneFolder);
  await guarded('put aside', folder, async () => {
    if (spec.done === 'move') await mkdir(aside, { recursive: true });
    const gone: string[] = [];
    let moved = 0;
    for (const file of state.read) {
      throwIfCancelled(signal, 'put files aside');
      if (settled.aside.has(settledKey(file))) continue;
      if (await putOneAside(reading, file, aside)) moved++;
      gone.push(settledKey(file));
    }
    if (moved > 0) {
      // the new name first: after a power loss a file is in one of the two folders
      if (spec.done === 'move') await syncFolder(aside);
      await syncFolder(folder);
    }
    // a checkpoint leaves them out from now on: not before that is durable
    for (const each of gone) settled.aside.add(each);
  });
}

async function putOneAside({ spec, folder }: Reading, file: ReadFile, aside: string): Promise<boolean> {
  const path = join(folder, file.name);
  const stats = await statsOf(path);
  if (!stats || identityOf(stats) !== file.identity) return false;
  const markers = await companionsOf(spec, path, file);
  if (spec.done === 'delete') {
    for (const each of [...markers, path]) await ifThere(unlink(each));
    return true;
  }
  const to = join(aside, numberedName(file.n, file.name));
  await ifThere(rename(path, to));
  for (const marker of markers)
    await ifThere(rename(marker, join(aside, numberedName(file.n, basename(marker)))));
  const moved = await statsOf(to);
  // it was replaced between the look and the renaming: back with the new one, which nobody has read
  if (moved && identityOf(moved) !== file.identity) await rename(to, path);
  return true;
}

/** What goes with a file: its markers, or the manifest that is named after it and tells of nothing else. */
async function companionsOf(
  { complete }: FilesSource,
  path: string,
  { name, digest }: ReadFile,
): Promise<string[]> {
  if ('marker' in complete) return markersOf(path, complete.marker);
  if (!('manifest' in complete)) return [];
  const manifest = path + complete.manifest;
  return (await speaksOnlyOf(manifest, name, digest)) ? [manifest] : [];
}

async function ifThere(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

/**
 * Tells the supplier beside each of its files that the platform holds it, and by which receipt: once, while it still is the file that
 * was read. `digest` is the beginning of its SHA-256 in base64url; its rows are in the stream's batches up to `seq`.
 */
async function acknowledge(
  { folder, context, resource, settled }: Reading,
  state: State,
  ending: string,
  signal: AbortSignal,
  held: HeldBy | undefined,
): Promise<void> {
  await guarded('write', folder, async () => {
    for (const one of state.read) {
      throwIfCancelled(signal, 'write');
      const key = settledKey(one);
      if (settled.acknowledged.has(key)) continue;
      const { n, name, identity, digest } = one;
      const path = join(folder, name);
      const stats = await statsOf(path);
      const passedOver = digest === '';
      if (passedOver || !stats || identityOf(stats) !== identity) continue;
      const made = await statsOf(path + ending);
      if (made && made.mtimeNs >= stats.ctimeNs) {
        settled.acknowledged.add(key);
        continue;
      }
      const at = context.now().toISOString();
      const bytes = Number(stats.size);
      const text = {
        file: name,
        number: n,
        bytes,
        digest,
        resource: resource.code,
        ...held,
        acknowledgedAt: at,
      };
      await writeDurably(
        path + ending,
        `${JSON.stringify(text, null, 2)}\n`,
        join(folder, `.${n}${ending}.part`),
      );
      settled.acknowledged.add(key);
    }
  });
}

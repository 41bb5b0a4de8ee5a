import { mkdir, rm, unlink, utimes } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { throwIfCancelled } from '@qianzhi/model';
import type { PluginContext } from '@qianzhi/plugin-api';
import type { FilesSource } from '../config.js';
import { isDescription } from '../folder/description.js';
import { renameDurably } from '../folder/durable.js';
import { compilePattern, isUnfinishedName } from '../folder/glob.js';
import { markersOf, namesIn, numberedName, statsOf } from '../folder/list.js';
import { declaredIn } from '../folder/supplied-manifest.js';
import {
  listRemote,
  lookAt,
  makeRemoteFolder,
  type RemoteFile,
  removeRemote,
  renameRemote,
} from './files.js';
import { type KnownFile, readKnown, writeKnown } from './known-files.js';
import type { Server } from './server.js';
import { download, upload } from './transfer.js';

/** A folder on the server and its copy here, which the connector of folders reads. */
export interface InMirror {
  readonly server: Server;
  readonly remote: string;
  readonly local: string;
  readonly spec: FilesSource;
  readonly context: PluginContext;
}

const HIDDEN = '.qianzhi';
const recordOf = ({ local }: InMirror) => join(local, HIDDEN, 'sftp.json');

/**
 * Brings complete files of the server that fit the patterns into the mirror, each under its name when all of it is here, and takes
 * away copies of files that are gone there. May be cut off anywhere: it goes on behind the bytes that came.
 */
export async function bringIn(mirror: InMirror, signal: AbortSignal): Promise<void> {
  const { server, remote, local } = mirror;
  await mkdir(join(local, HIDDEN), { recursive: true });
  const listed = (await listRemote(server, remote, signal)).filter(({ kind }) => kind === 'file');
  const before = await readKnown(recordOf(mirror));
  const known = new Map<string, KnownFile>();
  const wanted = listed.filter(({ name }) => isWanted(mirror, name));
  for (const file of wanted) known.set(file.name, seen(mirror, before.get(file.name), file));
  for (const name of before.keys()) if (!known.has(name)) await rm(join(local, name), { force: true });
  await writeKnown(recordOf(mirror), known);
  // manifests first: they say which files are fetched
  let named: Named | undefined;
  wanted.sort((a, b) => Number(isManifest(mirror, b.name)) - Number(isManifest(mirror, a.name)));
  for (const file of wanted) {
    throwIfCancelled(signal, 'read files');
    const one = known.get(file.name)!;
    if (!isManifest(mirror, file.name)) named ??= await namedFiles(mirror);
    if (one.fetched ? !(await isMissed(mirror, one)) : !isComplete(mirror, one, listed, named)) continue;
    known.set(file.name, await fetchOne(mirror, one, signal));
    await writeKnown(recordOf(mirror), known);
  }
}

/** Files that fit, with the descriptions beside them; never one with the name of an unfinished one. */
function isWanted({ spec }: Pick<InMirror, 'spec'>, name: string): boolean {
  if (isUnfinishedName(name) || Buffer.byteLength(name) > 255) return false;
  if (spec.acknowledge !== undefined && name.endsWith(spec.acknowledge)) return false;
  if ('marker' in spec.complete && name.endsWith(spec.complete.marker)) return false;
  if (isManifest({ spec }, name)) return true;
  const patterns = [spec.pattern, ...(spec.full === undefined ? [] : [spec.full])];
  return isDescription(name) || patterns.some((pattern) => compilePattern(pattern).match(name) !== undefined);
}

function isManifest({ spec: { complete } }: Pick<InMirror, 'spec'>, name: string): boolean {
  return 'manifest' in complete && name.endsWith(complete.manifest);
}

function seen({ context }: InMirror, before: KnownFile | undefined, file: RemoteFile): KnownFile {
  const { name, size, modified } = file;
  if (before?.size === size && before.modified === modified) return before;
  return { name, size, modified, since: context.now().getTime(), fetched: false };
}

/** With `keep` the copy is the only way to know what was read; else a copy that is gone was put aside after its receipt. */
async function isMissed({ local, spec }: InMirror, { name }: KnownFile): Promise<boolean> {
  return spec.done === 'keep' && (await statsOf(join(local, name))) === undefined;
}

type Named = Pick<ReadonlySet<string>, 'has'>;

/** Files that the manifests here name; none where manifests are not asked for. */
async function namedFiles({ local, spec: { complete } }: InMirror): Promise<Named> {
  return 'manifest' in complete
    ? await declaredIn(local, await namesIn(local), complete.manifest)
    : new Set<string>();
}

function isComplete(
  mirror: InMirror,
  { name, modified, since }: KnownFile,
  listed: readonly RemoteFile[],
  named: Named | undefined,
): boolean {
  const { spec, context } = mirror;
  if (isDescription(name) || isManifest(mirror, name)) return true;
  if ('manifest' in spec.complete) return named?.has(name) ?? false;
  if ('quietSeconds' in spec.complete) {
    return context.now().getTime() - since >= spec.complete.quietSeconds * 1000;
  }
  const markers = markersOf(name, spec.complete.marker);
  return listed.some((marker) => markers.includes(marker.name) && marker.modified >= modified);
}

/** The copy, unless the file changed meanwhile: then it is looked at again with the next run. */
async function fetchOne(mirror: InMirror, one: KnownFile, signal: AbortSignal): Promise<KnownFile> {
  const { server, remote, local, context } = mirror;
  const { name, size, modified } = one;
  const from = posix.join(remote, name);
  const part = join(local, HIDDEN, `${size.toString(36)}-${modified.toString(36)}.${partName(name)}`);
  await download(server, from, size, part, signal);
  const now = await lookAt(server, from, signal);
  if (now?.size !== size || now.modified !== modified) {
    await unlink(part);
    context.log.warn({ file: name }, 'a file changed while it was fetched; it is fetched again');
    return { ...one, since: context.now().getTime(), size: now?.size ?? size, modified: now?.modified ?? 0 };
  }
  await utimes(part, modified, modified);
  await renameDurably(part, join(local, name));
  return { ...one, fetched: true };
}

/** As long as a name may be, with what stands before it. */
function partName(name: string): string {
  return Buffer.byteLength(name) > 200 ? Buffer.from(name).subarray(0, 60).toString('hex') : name;
}

/**
 * After `confirm`: what the mirror put aside is put aside on the server, while it still is the file that was fetched; acknowledgements
 * go there. May be repeated.
 */
export async function settle(mirror: InMirror, signal: AbortSignal): Promise<void> {
  const { server, remote, local, spec } = mirror;
  const known = await readKnown(recordOf(mirror));
  if (spec.done !== 'keep') {
    for (const one of known.values()) {
      throwIfCancelled(signal, 'put files aside');
      if (one.fetched && !isDescription(one.name) && !(await statsOf(join(local, one.name)))) {
        await putAside(mirror, one, signal);
      }
    }
  }
  const { acknowledge } = spec;
  if (acknowledge === undefined) return;
  for (const name of (await namesIn(local)).filter((each) => each.endsWith(acknowledge))) {
    await upload(server, join(local, name), posix.join(remote, name), signal);
    await unlink(join(local, name));
  }
}

async function putAside(mirror: InMirror, one: KnownFile, signal: AbortSignal): Promise<void> {
  const { server, remote, spec } = mirror;
  const path = posix.join(remote, one.name);
  const now = await lookAt(server, path, signal);
  if (now?.size !== one.size || now.modified !== one.modified) return;
  const markers = 'marker' in spec.complete ? markersOf(one.name, spec.complete.marker) : [];
  if (spec.done === 'delete') {
    for (const name of [...markers, one.name]) await removeRemote(server, posix.join(remote, name), signal);
    return;
  }
  const aside = posix.join(remote, spec.doneFolder);
  await makeRemoteFolder(server, aside, signal);
  const number = await numberOf(mirror, one.name);
  for (const name of [one.name, ...markers]) {
    const from = posix.join(remote, name);
    if (!(await lookAt(server, from, signal))) continue;
    await renameRemote(server, from, posix.join(aside, numberedName(number, name)), signal);
  }
}

/** The number that the mirror's copy got. */
async function numberOf({ local, spec }: InMirror, name: string): Promise<number> {
  const done = await namesIn(join(local, spec.doneFolder));
  const numbers = done.filter((each) => each.slice(11) === name).map((each) => Number(each.slice(0, 10)));
  return Math.max(0, ...numbers.filter(Number.isInteger));
}

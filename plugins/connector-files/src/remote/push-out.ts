import { mkdir, open, rm, stat, unlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { namesByKey } from '../attachments/folder-names.js';
import { REMOVED_FOLDER, type Standing } from '../attachments/standing.js';
import type { FilesTarget } from '../config.js';
import { isDescription } from '../folder/description.js';
import { renameDurably } from '../folder/durable.js';
import { wholeDigestOf } from '../folder/identity.js';
import { namesIn, statsOf } from '../folder/list.js';
import { MANIFEST_ENDING } from '../sink/manifest.js';
import { sftpErrors } from './errors.js';
import { listRemote, lookAt, makeRemoteFolder, removeRemote, renameRemote } from './files.js';
import type { Server } from './server.js';
import { download, remoteDigest, upload } from './transfer.js';

/** Where the connector of folders writes, and the folder on the server that all of it goes to. */
export interface OutMirror {
  readonly server: Server;
  readonly remote: string;
  readonly local: string;
  /** Ending of markers, which come right before their file. */
  readonly marker: string | undefined;
  /** A file of the same name takes the place of the one before, as documents do; else another content there is an error. */
  readonly replaces: boolean;
}

/**
 * Puts what stands in the local folder on the server, whole and proven, then lets the local copy go; the description stays in both.
 * May be cut off anywhere and repeated. Called before anything of it is answered for.
 */
export async function pushOut(mirror: OutMirror, signal: AbortSignal): Promise<void> {
  const { local } = mirror;
  await mkdir(local, { recursive: true });
  const names: string[] = [];
  for (const name of (await namesIn(local)).sort()) {
    if (!name.startsWith('.') && (await stat(join(local, name))).isFile()) names.push(name);
  }
  for (const name of names.filter(isDescription)) await pushOne(mirror, name, true, signal);
  const companions = (name: string) =>
    names.filter((other) => other !== name && isCompanion(mirror, name, other));
  const files = names.filter(
    (name) => !isDescription(name) && !names.some((other) => isCompanion(mirror, other, name)),
  );
  for (const name of files) {
    const beside = companions(name);
    for (const each of beside) await pushOne(mirror, each, true, signal);
    await pushOne(mirror, name, mirror.replaces, signal);
    for (const each of [...beside, name]) await unlink(join(local, each));
  }
}

/** Marker and manifest of a file: there before it, so that nobody meets the file without them. */
function isCompanion({ marker }: OutMirror, name: string, other: string): boolean {
  return other === `${name}${MANIFEST_ENDING}` || (marker !== undefined && other === `${name}${marker}`);
}

async function pushOne(
  mirror: OutMirror,
  name: string,
  replaces: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { server, remote, local } = mirror;
  const path = posix.join(remote, name);
  const there = await lookAt(server, path, signal);
  if (there?.kind === 'file' && (await isSame(mirror, name, path, there.size, signal))) return;
  if (there && (!replaces || there.kind !== 'file'))
    throw sftpErrors.NAME_TAKEN({ host: server.config.host, path });
  await upload(server, join(local, name), path, signal);
}

async function isSame(
  { server, local }: OutMirror,
  name: string,
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (Number((await statsOf(join(local, name)))?.size ?? -1) !== size) return false;
  await using file = await open(join(local, name), 'r');
  return (await wholeDigestOf(file, signal)) === (await remoteDigest(server, path, size, signal));
}

/** Documents stand on the server; here they are only on their way. */
export function standingOn({ server, remote, marker }: OutMirror, removed: FilesTarget['removed']): Standing {
  return {
    async twinsOf(names, signal) {
      const there = await listRemote(server, remote, signal);
      return namesByKey(there.map(({ name }) => name)).twinsOf(names);
    },
    put: (_, work) => work(),
    async look(name, size, signal) {
      const path = posix.join(remote, name);
      const there = await lookAt(server, path, signal);
      if (there?.kind !== 'file') return there && 'no-file';
      if (there.size !== size) return 'other-size';
      return `sha-256:${await remoteDigest(server, path, size, signal)}`;
    },
    async takeAway(name, aside, signal) {
      const path = posix.join(remote, name);
      if ((await lookAt(server, path, signal))?.kind !== 'file') return false;
      if (marker !== undefined) await removeRemote(server, path + marker, signal);
      if (removed === 'move') {
        const folder = posix.join(remote, REMOVED_FOLDER);
        await makeRemoteFolder(server, folder, signal);
        await renameRemote(server, path, posix.join(folder, aside), signal);
      } else await removeRemote(server, path, signal);
      return true;
    },
  };
}

/** What describes the columns stands on the server, for those who read the files, and binds later batches. */
export async function fetchDescription(mirror: OutMirror, name: string, signal: AbortSignal): Promise<void> {
  const { server, remote, local } = mirror;
  const path = posix.join(remote, name);
  const there = await lookAt(server, path, signal);
  if (there?.kind !== 'file' || (await isSame(mirror, name, path, there.size, signal))) return;
  const part = join(local, '.description.part');
  await rm(part, { force: true });
  await download(server, path, there.size, part, signal);
  await renameDurably(part, join(local, name));
}

import { constants } from 'node:fs';
import { posix } from 'node:path';
import { isQianzhiError } from '@qianzhi/model';
import type { FileEntryWithStats, Stats } from 'ssh2';
import { sftpErrors } from './errors.js';
import type { Server } from './server.js';

export interface RemoteStats {
  readonly size: number;
  /** Seconds since 1970, as the server's clock or a copying tool says. */
  readonly modified: number;
  readonly kind: 'file' | 'folder' | 'other';
}

export interface RemoteFile extends RemoteStats {
  readonly name: string;
}

function statsOf({ size, mtime, mode }: Pick<Stats, 'size' | 'mtime' | 'mode'>): RemoteStats {
  const type = mode & constants.S_IFMT;
  const kind = type === constants.S_IFREG ? 'file' : type === constants.S_IFDIR ? 'folder' : 'other';
  return { size, modified: mtime, kind };
}

/** What a folder holds. Names that are no single name, or whose bytes are no UTF-8, are left out: they cannot be told apart or opened. */
export async function listRemote(server: Server, folder: string, signal: AbortSignal): Promise<RemoteFile[]> {
  try {
    const found = await server.ask<FileEntryWithStats[]>(
      'list',
      folder,
      (sftp, done) => sftp.readdir(folder, done),
      signal,
    );
    return found
      .map(({ filename, attrs }) => ({ name: filename, ...statsOf(attrs) }))
      .filter(({ name }) => isOneName(name));
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_SFTP_MISSING')) throw error;
    throw sftpErrors.FOLDER_MISSING({ host: server.config.host, folder }, error);
  }
}

function isOneName(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/\\\0\ufffd]/.test(name);
}

/** Never through a link. Undefined where there is nothing. */
export async function lookAt(
  server: Server,
  path: string,
  signal: AbortSignal,
): Promise<RemoteStats | undefined> {
  return await ifThere(
    server.ask<Stats>('look at', path, (sftp, done) => sftp.lstat(path, done), signal).then(statsOf),
  );
}

export async function removeRemote(server: Server, path: string, signal: AbortSignal): Promise<void> {
  await ifThere(server.ask('delete', path, (sftp, done) => sftp.unlink(path, done), signal));
}

/** Makes a folder unless it is there. */
export async function makeRemoteFolder(server: Server, path: string, signal: AbortSignal): Promise<void> {
  if (await lookAt(server, path, signal)) return;
  await server.ask('write', path, (sftp, done) => sftp.mkdir(path, done), signal);
}

/**
 * Gives a file its name in place of what had it. In one act where the server can (posix-rename of OpenSSH); else what had the name
 * stands aside as `.NAME.old` in between, so that one of the two is there at every moment.
 */
export async function renameRemote(
  server: Server,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const atOnce = await server.ask<boolean>(
    'move',
    to,
    (sftp, done) =>
      ifOffered(
        () => sftp.ext_openssh_rename(from, to, (error) => done(error, true)),
        () => done(undefined, false),
      ),
    signal,
  );
  if (atOnce) return;
  const aside = posix.join(posix.dirname(to), `.${posix.basename(to)}.old`);
  const rename = (one: string, other: string) =>
    server.ask('move', other, (sftp, done) => sftp.rename(one, other, done), signal);
  const taken = (await lookAt(server, to, signal)) !== undefined;
  if (taken) {
    await removeRemote(server, aside, signal);
    await rename(to, aside);
  }
  await rename(from, to);
  if (taken) await removeRemote(server, aside, signal);
}

/** The library throws at once, and sends nothing, where the server did not announce an extension. */
export function ifOffered(request: () => void, otherwise: () => void): void {
  try {
    request();
  } catch (error) {
    if (!/does not support this extended request/.test(String(error))) throw error;
    otherwise();
  }
}

async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isQianzhiError(error, 'QZ_SFTP_MISSING')) return undefined;
    throw error;
  }
}

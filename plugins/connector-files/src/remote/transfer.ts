import { createHash, type Hash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { posix } from 'node:path';
import { throwIfCancelled } from '@qianzhi/model';
import { errnoOf } from '../folder/classify.js';
import { wholeDigestOf } from '../folder/identity.js';
import { sftpErrors } from './errors.js';
import { ifOffered, lookAt, removeRemote, renameRemote } from './files.js';
import type { Server } from './server.js';

/** Every server takes requests of this size; so many are on their way, because a line answers late. */
const CHUNK = 32 * 1024;
const AHEAD = 64;

/**
 * Fetches the first `size` bytes behind what `part` holds already, in order, so that a cut leaves no hole in it. Durable when it
 * resolves. Throws QZ_SFTP_MISSING where the file got shorter.
 */
export async function download(
  server: Server,
  path: string,
  size: number,
  part: string,
  signal: AbortSignal,
): Promise<void> {
  await using file = await openPart(part);
  const held = (await file.stat()).size;
  const from = held <= size ? held : 0;
  await file.truncate(from);
  let at = from;
  await readRemote(server, path, from, size, signal, async (bytes) => {
    await file.write(bytes, 0, bytes.length, at);
    at += bytes.length;
  });
  await file.sync();
}

async function openPart(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return await open(path, 'wx', 0o640);
  }
}

/** The same signal, for as many requests as are on their way at one time. */
function forMany(signal: AbortSignal): AbortSignal {
  const own = AbortSignal.any([signal]);
  setMaxListeners(AHEAD + 10, own);
  return own;
}

/** Hands out the bytes of a range in order, while the next ones are on their way. */
async function readRemote(
  server: Server,
  path: string,
  from: number,
  size: number,
  given: AbortSignal,
  take: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  const signal = forMany(given);
  const handle = await server.ask<Buffer>('read', path, (sftp, done) => sftp.open(path, 'r', done), signal);
  const coming: Promise<Buffer>[] = [];
  try {
    for (let next = from, done = from; done < size; ) {
      for (; coming.length < AHEAD && next < size; next += CHUNK) {
        const chunk = readChunk(server, path, handle, next, Math.min(CHUNK, size - next), signal);
        chunk.catch(() => undefined); // told when its turn comes
        coming.push(chunk);
      }
      const bytes = await coming.shift()!;
      await take(bytes);
      done += bytes.length;
    }
  } finally {
    await Promise.allSettled(coming);
    await closeHandle(server, path, handle, signal);
  }
}

/** A connection that broke has closed its handles with it. */
async function closeHandle(server: Server, path: string, handle: Buffer, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await server.ask('read', path, (sftp, done) => sftp.close(handle, done), signal).catch(() => undefined);
}

async function readChunk(
  server: Server,
  path: string,
  handle: Buffer,
  from: number,
  length: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const read = await server.ask<number>(
      'read',
      path,
      (sftp, done) =>
        sftp.read(handle, bytes, at, length - at, from + at, (error, count) => {
          // the end of the file is an error to the library
          const ended = (error as { code?: number } | undefined)?.code === 1;
          done(ended ? undefined : error, ended ? 0 : count);
        }),
      signal,
    );
    if (read === 0)
      throw sftpErrors.MISSING({ doing: { zh: '读取', en: 'read' }, host: server.config.host, path });
    at += read;
  }
  return bytes;
}

export async function remoteDigest(
  server: Server,
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<string> {
  const hash: Hash = createHash('sha256');
  await readRemote(server, path, 0, size, signal, async (bytes) => void hash.update(bytes));
  return hash.digest('base64url');
}

/**
 * Puts a local file under its name, whole or not at all: behind what a cut left of it under an unfinished name, then read back or
 * measured as the config says, then renamed. Throws QZ_SFTP_DIFFERS where the server holds something else even after a second try.
 */
export async function upload(
  server: Server,
  local: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  await using file = await open(local, 'r');
  const { size } = await file.stat();
  const digest = await wholeDigestOf(file, signal);
  const name = `.${posix.basename(path)}.${digest.slice(0, 8)}.part`;
  const part = posix.join(posix.dirname(path), name);
  if (!(await sendAndProve(server, file, part, { size, digest }, signal))) {
    // what was there before was not the beginning of it
    await removeRemote(server, part, signal);
    if (!(await sendAndProve(server, file, part, { size, digest }, signal))) {
      await removeRemote(server, part, signal);
      throw sftpErrors.DIFFERS({ host: server.config.host, path });
    }
  }
  await renameRemote(server, part, path, signal);
}

interface Whole {
  readonly size: number;
  readonly digest: string;
}

async function sendAndProve(
  server: Server,
  file: FileHandle,
  part: string,
  { size, digest }: Whole,
  signal: AbortSignal,
): Promise<boolean> {
  // what is there already is only proven by reading it back
  const resumes = server.config.verify !== 'size';
  const held = resumes ? ((await lookAt(server, part, signal))?.size ?? 0) : 0;
  await writeRemote(server, file, part, held <= size ? held : 0, size, signal);
  if ((await lookAt(server, part, signal))?.size !== size) return false;
  return server.config.verify === 'size' || (await remoteDigest(server, part, size, signal)) === digest;
}

async function writeRemote(
  server: Server,
  file: FileHandle,
  path: string,
  from: number,
  size: number,
  given: AbortSignal,
): Promise<void> {
  const signal = forMany(given);
  const flags = from === 0 ? 'w' : 'r+';
  const handle = await server.ask<Buffer>(
    'write',
    path,
    (sftp, done) => sftp.open(path, flags, { mode: 0o640 }, done),
    signal,
  );
  const going: Promise<void>[] = [];
  try {
    for (let at = from; at < size; ) {
      throwIfCancelled(signal, 'write');
      const bytes = Buffer.allocUnsafe(Math.min(CHUNK, size - at));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
      if (bytesRead === 0) break; // shorter by now: the size tells
      const position = at;
      const sent = server.ask<void>(
        'write',
        path,
        (sftp, done) => sftp.write(handle, bytes, 0, bytesRead, position, done),
        signal,
      );
      sent.catch(() => undefined); // told when its turn comes
      going.push(sent);
      at += bytesRead;
      if (going.length >= AHEAD) await going.shift();
    }
    await Promise.all(going);
    await server.ask<void>(
      'write',
      path,
      (sftp, done) =>
        ifOffered(
          () => sftp.ext_openssh_fsync(handle, done),
          () => done(undefined),
        ),
      signal,
    );
  } finally {
    await Promise.allSettled(going);
    await closeHandle(server, path, handle, signal);
  }
}

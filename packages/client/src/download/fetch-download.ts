import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  checkShape,
  type Download,
  type DownloadManifest,
  DownloadManifestSchema,
  type DownloadRequest,
  fromProblem,
  isQianzhiError,
  type Signed,
  systemCode,
  systemReason,
  throwIfCancelled,
} from '@qianzhi/model';
import { verifyDocument } from '@qianzhi/model/crypto';
import { clientErrors } from '../errors.js';
import type { DownloadDoor } from './doors.js';
import { openPart, publish, writeWhole } from './part-file.js';

export interface DownloadProgress {
  readonly phase: 'preparing' | 'fetching';
  readonly download: string;
  /** From 0 to 1. */
  readonly done: number;
  readonly bytes: number;
  readonly totalBytes: number | null;
}

export interface FetchOptions {
  /** Where file and manifest go; made if missing. */
  readonly folder: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Called before the file is shown; what it throws keeps it from being shown. */
  readonly mayShow?: (manifest: DownloadManifest) => void;
  /** Waits between attempts in ms; the last is repeated. */
  readonly backoffMs?: readonly number[];
}

export interface FetchedDownload {
  readonly manifest: Signed<DownloadManifest>;
  readonly file: string;
  readonly manifestFile: string;
  /** Bytes that an earlier attempt had left. */
  readonly resumedBytes: number;
}

const WAIT_MS = 20_000;
const BACKOFF_MS = [500, 1000, 2000, 4000, 8000];
/** Attempts without one more byte. */
const MOST_IDLE_ATTEMPTS = 8;

/**
 * Asks for a file, waits until it is made, fetches it and proves it; shown under its name only when its digest is that of the
 * manifest, which is signed by the platform and lies beside it. After a cut it goes on by itself, after the end of the process the same
 * request in the same folder goes on where it was, without asking for another file. Throws what the platform says, and
 * QZ_CLIENT_DOWNLOAD_DAMAGED, _DOWNLOAD_MANIFEST_WRONG (integrity), _DOWNLOAD_FOLDER (config), _UNREACHABLE, _TIMEOUT.
 */
export async function fetchDownload(
  door: DownloadDoor,
  request: DownloadRequest,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<FetchedDownload> {
  const { folder } = options;
  const { resource } = request;
  const note = join(folder, `.${resource}.${request.format}.download`);
  let part = '';
  try {
    await makeFolder(resolve(folder));
    const wanted = await begin(door, request, note, signal);
    part = join(folder, `.${wanted.id}.part`);
    const ready = await waitReady(door, wanted, options, signal);
    const manifest = await believe(door, ready, signal);
    const resumedBytes = await fetchBytes(door, manifest, part, options, signal);
    options.mayShow?.(manifest.body);
    const { file } = manifest.body;
    const shown = { manifest, file: join(folder, file), manifestFile: join(folder, `${file}.manifest.json`) };
    await writeWhole(shown.manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
    await publish(part, shown.file);
    await rm(note, { force: true });
    return { ...shown, resumedBytes };
  } catch (error) {
    // what one may no longer have is not kept either
    if (isQianzhiError(error) && error.kind === 'denied' && part !== '')
      for (const path of [part, note]) await rm(path, { force: true });
    if (isQianzhiError(error) || systemCode(error) === undefined) throw error;
    throw clientErrors.DOWNLOAD_FOLDER({ folder, resource, reason: systemReason(error) }, error);
  }
}

/** Not mkdir's own `recursive`: on some file systems (/proc) Node never comes back from it. */
async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder);
}

interface Note {
  readonly id: string;
  readonly request: DownloadRequest;
}

/** The download an earlier process began in this folder by the same request, while the platform still has it; else a new one. */
async function begin(
  door: DownloadDoor,
  request: DownloadRequest,
  note: string,
  signal: AbortSignal,
): Promise<Download> {
  const left = await readNote(note);
  if (left && JSON.stringify(left.request) === JSON.stringify(request)) {
    const known = await withRetries(() => door.show(left.id, 0, signal), signal).catch((error) => {
      if (isQianzhiError(error, 'QZ_PLATFORM_DOWNLOAD_UNKNOWN')) return undefined;
      throw error;
    });
    if (known && ['queued', 'running', 'ready'].includes(known.state)) return known;
  }
  if (left) await rm(join(note, '..', `.${left.id}.part`), { force: true });
  const made = await door.request(request, signal);
  await writeWhole(note, JSON.stringify({ id: made.id, request } satisfies Note));
  return made;
}

async function readNote(path: string): Promise<Note | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Note;
  } catch (error) {
    // written whole or not at all; one that cannot be read is none of ours
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function waitReady(
  door: DownloadDoor,
  first: Download,
  { onProgress }: FetchOptions,
  signal: AbortSignal,
): Promise<Download> {
  let download = first;
  while (download.state === 'queued' || download.state === 'running') {
    onProgress?.({
      phase: 'preparing',
      download: download.id,
      done: download.progress,
      bytes: 0,
      totalBytes: null,
    });
    download = await withRetries(() => door.show(first.id, WAIT_MS, signal), signal);
  }
  if (download.state === 'ready') return download;
  if (download.problem) throw fromProblem(download.problem);
  const { id, resource } = download;
  throw clientErrors.DOWNLOAD_MANIFEST_WRONG({ download: id, resource, reason: download.state });
}

async function believe(
  door: DownloadDoor,
  { id, resource, manifest }: Download,
  signal: AbortSignal,
): Promise<Signed<DownloadManifest>> {
  const wrong = (reason: string, cause?: unknown) =>
    clientErrors.DOWNLOAD_MANIFEST_WRONG({ download: id, resource, reason }, cause);
  if (!manifest) throw wrong('none');
  const keys = await door.keys(signal);
  try {
    checkShape(DownloadManifestSchema, manifest.body, 'download manifest');
    if (verifyDocument(manifest, keys, manifest.body.preparedAt).owner !== 'platform') throw wrong('signer');
  } catch (error) {
    throw wrong(isQianzhiError(error) ? error.code : 'signature', error);
  }
  if (manifest.body.download !== id || manifest.body.resource !== resource) throw wrong('another download');
  return manifest;
}

/** Fetches what is missing; answers how much there was. A digest that differs is tried once more from the beginning. */
async function fetchBytes(
  door: DownloadDoor,
  { body }: Signed<DownloadManifest>,
  path: string,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const part = await openPart(path, body.bytes, signal);
    const before = part.bytes;
    try {
      await fetchRest(door, body, part, options, signal);
      if ((await part.seal()) === body.digest) return before;
    } finally {
      await part.close();
    }
    await rm(path, { force: true });
    if (attempt === 2) throw clientErrors.DOWNLOAD_DAMAGED({ file: body.file, resource: body.resource });
  }
}

async function fetchRest(
  door: DownloadDoor,
  { download, bytes: totalBytes }: DownloadManifest,
  part: Awaited<ReturnType<typeof openPart>>,
  { onProgress, backoffMs = BACKOFF_MS }: FetchOptions,
  signal: AbortSignal,
): Promise<void> {
  // an empty file is fetched, too: it is counted when it is handed out, and later changes are counted from it
  let fetched = totalBytes > 0;
  for (let idle = 0; part.bytes < totalBytes || !fetched; ) {
    const before = part.bytes;
    try {
      const { status, body } = await door.open(download, part.bytes, signal);
      // a gateway that knows no ranges sends all of it again
      let skip = status === 200 ? part.bytes : 0;
      for await (const piece of body) {
        const fresh = piece.subarray(Math.min(skip, piece.length));
        skip -= piece.length - fresh.length;
        await part.append(fresh.subarray(0, totalBytes - part.bytes));
        const { bytes } = part;
        onProgress?.({ phase: 'fetching', download, done: bytes / totalBytes, bytes, totalBytes });
      }
      fetched = true;
      if (part.bytes === before) idle++;
    } catch (error) {
      if (!isPassing(error)) throw error;
      idle = part.bytes > before ? 0 : idle + 1;
      if (idle >= MOST_IDLE_ATTEMPTS) throw error;
      await wait(backoffMs[Math.min(idle, backoffMs.length - 1)]!, signal);
    }
  }
}

/** A quota that is used up is not waited for: it may be a day. */
function isPassing(error: unknown): boolean {
  if (isQianzhiError(error, 'QZ_PLATFORM_QUOTA_USED')) return false;
  return isQianzhiError(error) && error.retry === 'backoff';
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch((cause) => {
    throwIfCancelled(signal, 'download');
    throw cause;
  });
}

/** The platform may be away for a while. */
async function withRetries<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error) || attempt >= MOST_IDLE_ATTEMPTS) throw error;
      await wait(BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length) - 1]!, signal);
    }
  }
}

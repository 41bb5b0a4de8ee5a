import { type BigIntStats, constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilesSource } from '../config.js';
import { filesErrors } from '../errors.js';
import { classify, errnoOf } from './classify.js';
import { isDescription } from './description.js';
import { compareFiles, compilePattern, isUnfinishedName, type Ordered } from './glob.js';
import { identityOf } from './identity.js';
import { type Declared, declaredIn } from './supplied-manifest.js';

/** A file that fits the patterns. */
export interface FolderFile extends Ordered {
  readonly path: string;
  readonly identity: string;
  readonly size: number;
  /** Of the last change to bytes or attributes, which no copying tool sets back. */
  readonly changedNs: bigint;
  /** Holds the whole table, by its name. */
  readonly full: boolean;
  /** Its supplier has finished writing it. */
  readonly complete: boolean;
  /** What a manifest says of it, where manifests say what is complete: to be proven when it is read. */
  readonly declared?: Declared;
  /** Number under which it was put aside; undefined for a file that waits. */
  readonly number?: number;
}

export interface Watched {
  readonly folder: string;
  readonly spec: Pick<FilesSource, 'pattern' | 'full' | 'complete' | 'order' | 'doneFolder' | 'acknowledge'>;
  /** Each file is a full copy. */
  readonly allFull: boolean;
  readonly now: () => Date;
}

const NUMBERED = /^(\d{10})-(.+)$/s;

export function numberedName(number: number, name: string): string {
  return `${String(number).padStart(10, '0')}-${name}`;
}

/** Files that wait in the folder, in their order. Those of unfinished names are not among them. */
export async function listFiles(watched: Watched): Promise<FolderFile[]> {
  const found = await listFolder(watched, watched.folder, (name) => ({ original: name }));
  return found.sort(compareFiles(watched.spec.order));
}

/** Files put aside after their receipt, in the order in which they were read. */
export async function listDone(watched: Watched): Promise<FolderFile[]> {
  const folder = join(watched.folder, watched.spec.doneFolder);
  const found = await listFolder(watched, folder, (name) => {
    const [, number, original] = NUMBERED.exec(name) ?? [];
    return original === undefined ? undefined : { original, number: Number(number) };
  }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'QZ_FILES_FOLDER_MISSING') return [];
    throw error;
  });
  return found.map((file) => ({ ...file, complete: true })).sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
}

async function listFolder(
  watched: Watched,
  folder: string,
  nameOf: (name: string) => { original: string; number?: number } | undefined,
): Promise<FolderFile[]> {
  const { spec, allFull } = watched;
  const patterns = [
    { pattern: compilePattern(spec.pattern), full: allFull },
    ...(spec.full === undefined ? [] : [{ pattern: compilePattern(spec.full), full: true }]),
  ].reverse();
  const names = new Set(await namesIn(folder));
  const declared =
    'manifest' in spec.complete && folder === watched.folder
      ? await declaredIn(folder, names, spec.complete.manifest)
      : undefined;
  const files: FolderFile[] = [];
  for (const name of names) {
    const parts = nameOf(name);
    if (parts === undefined || isUnfinishedName(parts.original) || isDescription(parts.original)) continue;
    if (spec.acknowledge !== undefined && parts.original.endsWith(spec.acknowledge)) continue;
    const fitting = patterns.map(({ pattern, full }) => ({ full, captured: pattern.match(parts.original) }));
    const found = fitting.find(({ captured }) => captured !== undefined);
    if (!found || isMarker(watched, name, names)) continue;
    const path = join(folder, name);
    const stats = await statsOf(path);
    if (!stats?.isFile()) continue;
    files.push({
      name: parts.original,
      path,
      captured: found.captured!,
      full: found.full,
      identity: identityOf(stats),
      size: Number(stats.size),
      modifiedNs: stats.mtimeNs,
      changedNs: stats.ctimeNs,
      complete: declared ? declared.has(name) : await isComplete(watched, path, stats),
      ...(declared?.has(name) && { declared: declared.get(name)! }),
      ...(parts.number !== undefined && { number: parts.number }),
    });
  }
  return files;
}

/** Of files that fit and are all unfinished: what the first of them waits for, so that a person knows whether to wait. */
export function nothingComplete({ folder, spec, now }: Watched, files: readonly FolderFile[]) {
  if ('manifest' in spec.complete) {
    const { manifest } = spec.complete;
    const awaited = { zh: `没有清单(*${manifest})点名`, en: `no manifest (*${manifest}) names one` };
    return filesErrors.NOTHING_COMPLETE({ folder, files: files.length, awaited });
  }
  if ('marker' in spec.complete) {
    const [marker] = markersOf(files[0]!.name, spec.complete.marker);
    const awaited = { zh: `缺少标志文件,如 ${marker}`, en: `a marker file is missing, such as ${marker}` };
    return filesErrors.NOTHING_COMPLETE({ folder, files: files.length, awaited });
  }
  const { quietSeconds } = spec.complete;
  const quietAt =
    Math.min(...files.map(({ changedNs }) => Number(changedNs / 1_000_000n))) + quietSeconds * 1000;
  const seconds = Math.max(1, Math.ceil((quietAt - now().getTime()) / 1000));
  const awaited = {
    zh: `须静置 ${quietSeconds} 秒,最早的还差 ${seconds} 秒`,
    en: `one has to lie unchanged for ${quietSeconds} s, the first does so in ${seconds} s`,
  };
  return filesErrors.NOTHING_COMPLETE({ folder, files: files.length, awaited });
}

/** Throws QZ_FILES_FOLDER_MISSING or _NO_PERMISSION. */
export async function requireFolder(folder: string): Promise<void> {
  await namesIn(folder);
}

export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') {
      throw filesErrors.FOLDER_MISSING({ folder }, error);
    }
    throw classify(error, 'list', folder);
  }
}

/** Undefined where it was taken away meanwhile. */
export async function statsOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw classify(error, 'look at', path);
  }
}

/** `data.csv.ok` and `data.ok` both mark `data.csv`. */
export function markersOf(path: string, ending: string): string[] {
  return [...new Set([`${path}${ending}`, `${path.replace(/\.[^./]*$/, '')}${ending}`])];
}

function isMarker({ spec }: Watched, name: string, names: ReadonlySet<string>): boolean {
  if ('manifest' in spec.complete) return name.endsWith(spec.complete.manifest);
  if (!('marker' in spec.complete) || !name.endsWith(spec.complete.marker)) return false;
  const marked = name.slice(0, -spec.complete.marker.length);
  return names.has(marked) || [...names].some((other) => other !== name && other.startsWith(`${marked}.`));
}

/**
 * Quiet: neither bytes nor attributes changed for so long by the time of the file system's last change, which copying tools cannot
 * set back as they do with the time of writing. Marker: it was made after the file was written; an older one marks the content before.
 */
async function isComplete({ spec, now }: Watched, path: string, stats: BigIntStats): Promise<boolean> {
  if ('quietSeconds' in spec.complete) {
    const quietMs = spec.complete.quietSeconds * 1000;
    return quietMs === 0 || now().getTime() - Number(stats.ctimeNs / 1_000_000n) >= quietMs;
  }
  if ('manifest' in spec.complete) return false;
  for (const marker of markersOf(path, spec.complete.marker)) {
    const made = await statsOf(marker);
    if (made && made.mtimeNs >= stats.mtimeNs) return true;
  }
  return false;
}

/** Whether this user may make, rename and delete files in a folder. */
export function mayChange(folder: string): Promise<boolean> {
  return may(folder, constants.W_OK | constants.X_OK);
}

export function mayReadFile(path: string): Promise<boolean> {
  return may(path, constants.R_OK);
}

async function may(path: string, rights: number): Promise<boolean> {
  try {
    await access(path, rights);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(errnoOf(error))) return false;
    throw classify(error, 'look at', path);
  }
}

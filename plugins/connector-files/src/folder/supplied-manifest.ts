import { type FileHandle, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hasShape } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { filesErrors } from '../errors.js';
import { errnoOf, guarded } from './classify.js';
import { isUnfinishedName } from './glob.js';
import { shortDigest, wholeDigestOf } from './identity.js';

const NamedFile = Type.Object({
  file: Type.String({ minLength: 1 }),
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: '^[0-9a-fA-F]{64}$' }),
});
/** As targets write it (one file), or a list; whatever else a manifest says is its supplier's affair. */
const SuppliedManifest = Type.Union([NamedFile, Type.Object({ files: Type.Array(NamedFile) })]);

/** What a supplier says of a file: its size, its SHA-256 in lower hex, and which manifest says so. */
export interface Declared {
  readonly bytes: number;
  readonly sha256: string;
  readonly manifest: string;
}

/** Longer ones are no manifests: a hundred thousand files take less. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Files that the manifests of a folder name. Where two name the same file the one written last counts. Throws
 * QZ_FILES_MANIFEST_BROKEN for one that cannot be read whole, so that none of what it may name is taken meanwhile.
 */
export async function declaredIn(
  folder: string,
  names: Iterable<string>,
  ending: string,
): Promise<ReadonlyMap<string, Declared>> {
  const found: Supplied[] = [];
  for (const name of names) {
    if (!name.endsWith(ending) || isUnfinishedName(name)) continue;
    const supplied = await readSupplied(join(folder, name));
    if (supplied) found.push(supplied);
  }
  found.sort((a, b) => Number(a.writtenNs - b.writtenNs) || (a.path < b.path ? -1 : 1));
  const declared = new Map<string, Declared>();
  for (const { path, files } of found) {
    for (const { file, bytes, sha256 } of files) {
      declared.set(file, { bytes, sha256: sha256.toLowerCase(), manifest: basename(path) });
    }
  }
  return declared;
}

interface Supplied {
  readonly path: string;
  readonly writtenNs: bigint;
  readonly files: readonly Static<typeof NamedFile>[];
}

/** Undefined where it was taken away meanwhile. */
async function readSupplied(path: string): Promise<Supplied | undefined> {
  return await guarded('read', path, async () => {
    await using handle = await openIfThere(path);
    if (!handle) return undefined;
    const { mtimeNs: writtenNs, size } = await handle.stat({ bigint: true });
    if (size > MOST_BYTES) throw filesErrors.MANIFEST_BROKEN({ path });
    return { path, writtenNs, files: filesOf(path, await handle.readFile('utf8')) };
  });
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function filesOf(path: string, text: string): readonly Static<typeof NamedFile>[] {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw filesErrors.MANIFEST_BROKEN({ path }, error);
  }
  if (!hasShape(SuppliedManifest, found)) throw filesErrors.MANIFEST_BROKEN({ path });
  return 'files' in found ? found.files : [found];
}

/** Whether a manifest still speaks of the content that was read, and of that file alone: a newer one belongs to what comes next. */
export async function speaksOnlyOf(path: string, name: string, digest: string): Promise<boolean> {
  const supplied = await readSupplied(path);
  return supplied?.files.every(({ file, sha256 }) => file === name && shortOf(sha256) === digest) ?? false;
}

const shortOf = (sha256: string) => shortDigest(Buffer.from(sha256, 'hex').toString('base64url'));

/**
 * Digest (SHA-256 as base64url) of what a handle is on, if it is what its manifest says: throws QZ_FILES_MANIFEST_MISMATCH otherwise.
 * Both are of this very handle, so that a file that takes its place meanwhile is not taken for it.
 */
export async function provenDigestOf(
  handle: FileHandle,
  path: string,
  declared: Declared,
  signal: AbortSignal,
): Promise<string> {
  const { size } = await handle.stat();
  if (size !== declared.bytes) throw mismatch(path, declared, `${declared.bytes} B`, `${size} B`);
  const digest = await wholeDigestOf(handle, signal);
  const sha256 = Buffer.from(digest, 'base64url').toString('hex');
  if (sha256 !== declared.sha256) throw mismatch(path, declared, declared.sha256, sha256);
  return digest;
}

function mismatch(path: string, { manifest }: Declared, declared: string, found: string) {
  return filesErrors.MANIFEST_MISMATCH({ path, manifest, declared, found });
}
